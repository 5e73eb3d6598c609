// Says hello: one system call that writes, one that ends the program.
.globl _start
_start:
  mov  x0, #1                 // stdout
  adr  x1, text
  mov  x2, #(end - text)
  mov  x8, #64                // write
  svc  #0
  mov  x0, #0
  mov  x8, #94                // exit_group
  svc  #0
text:
  .ascii "Hello from EL0.\n"
end:
