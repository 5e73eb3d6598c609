// The one door to Capstone: its header wherever the package manager put it, and the operands of an A64 instruction
// without the unions and arrays that Swift imports badly. It works alike with Capstone 4 and 5, which share the arm64_* names.
#pragma once

// Debian has /usr/include/capstone/capstone.h; a pkg-config path may also point into that folder.
#if __has_include(<capstone/capstone.h>)
#include <capstone/capstone.h>
#else
#include <capstone.h>
#endif

/// The number of operands in an instruction decoded with details.
static inline int faultline_capstone_operand_count(const cs_insn *instruction) {
  return instruction->detail ? instruction->detail->arm64.op_count : 0;
}

/// Operand `index` of an instruction decoded with details; `index` is below the count.
static inline const cs_arm64_op *faultline_capstone_operand(const cs_insn *instruction, int index) {
  return &instruction->detail->arm64.operands[index];
}
