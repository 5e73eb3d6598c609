// SPDX-License-Identifier: GPL-2.0-only
// Owns the force-write change to Linux's arm64 fault path: which instructions make a read fault a write fault, in two versions.
// It does not know where the fault path asks; insert.awk puts the question there.
#ifndef FORCE_WRITE_H
#define FORCE_WRITE_H

#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/compat.h>
#include <asm/ptrace.h>

/* The boot parameter force_write=1 or 5 is the version of the change that was posted to linux-arm-kernel in 2024; 0 changes nothing. */
static unsigned int force_write_version __ro_after_init;

static int __init force_write_parameter(char *text)
{
	return kstrtouint(text, 10, &force_write_version);
}
early_param("force_write", force_write_parameter);

/* The class of atomic memory operations, with loads such as LDAPR that never write. */
static inline bool force_write_is_atomic(u32 word)
{
	return (word & 0x3b200c00) == 0x38200000;
}

/* The operations of that class that need write permission, by rows of Arm's encoding table. */
static inline bool force_write_has_write(u32 word)
{
	return (word & 0x3f207c00) == 0x38200000 || (word & 0x3f208c00) == 0x38200000 ||
	       (word & 0x7fe06c00) == 0x78202000 || (word & 0xbf204c00) == 0x38200000;
}

static inline bool force_write_is_cas(u32 word)
{
	return (word & 0x3fa07c00) == 0x08a07c00 || (word & 0xbfa07c00) == 0x08207c00;
}

/* The instruction at the program counter, read with the permissions of EL0. False where it cannot be read without a fault. */
static bool force_write_instruction(struct pt_regs *regs, u32 *word)
{
	__le32 raw;
	bool failed;

	pagefault_disable();
	failed = get_user(raw, (__le32 __user *)instruction_pointer(regs));
	pagefault_enable();
	*word = le32_to_cpu(raw);
	return !failed;
}

/*
 * Whether a fault of EL0 in this area, which needs one of the flags needed, is to be served as a write. Version 1 asks only what class
 * the instruction is of. Version 5 wants an instruction that writes, and an area that may be read and written.
 */
static bool force_write(struct vm_area_struct *vma, struct pt_regs *regs, unsigned long needed, unsigned int fault_flags)
{
	u32 word;

	switch (force_write_version) {
	case 1:
		return !(fault_flags & (FAULT_FLAG_WRITE | FAULT_FLAG_INSTRUCTION)) &&
		       force_write_instruction(regs, &word) && force_write_is_atomic(word);
	case 5:
		return (needed & VM_READ) && (vma->vm_flags & VM_WRITE) && !is_compat_task() &&
		       force_write_instruction(regs, &word) &&
		       ((force_write_is_atomic(word) && force_write_has_write(word)) || force_write_is_cas(word));
	default:
		return false;
	}
}

#endif
