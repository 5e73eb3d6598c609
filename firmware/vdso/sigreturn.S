// The code to which a signal handler returns if the program named none, and two notes: into the first the kernel model writes its version,
// into the second the number of pages of [vvar]. The second says where that code is. It does not know the frame of a signal.
.text
.balign 8
// An unwinder looks one instruction before the address to which a function returns.
nop
.globl __kernel_rt_sigreturn
__kernel_rt_sigreturn:
signal_return:
  mov x8, #139
  svc #0
.size __kernel_rt_sigreturn, 8

// The name of the version is a symbol too, as GNU's linker makes it.
.globl LINUX_2.6.39
.type LINUX_2.6.39, %object
LINUX_2.6.39 = 0

.section .note.kernel, "a", %note
.balign 4
.word 6, 4, 0
.asciz "Linux"
.balign 4
.word 0
.word 10, 8, 1
.asciz "Faultline"
.balign 4
.globl data_pages
.hidden data_pages
data_pages: .word 0
// The distance to the signal return.
.word signal_return - .
