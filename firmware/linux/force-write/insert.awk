# SPDX-License-Identifier: GPL-2.0-only
# Owns where the force-write change goes: into do_page_fault() of Linux's arch/arm64/mm/fault.c, read from the input and printed with
# the lines inserted. It does not know what the change asks; force_write.h does.
#
# The first anchor is the last #include, which the header follows. The second is in do_page_fault(), behind the area that
# lock_vma_under_rcu() found: the first test of its flags, which the question precedes. Exits 1 unless each anchor was found once.

{ line[NR] = $0 }

/^#include/ { last_include = NR }
/^[a-z].*[ *]do_page_fault\(/ && !/;$/ { inside = 1; functions++ }
/^}/ { inside = 0; locked = 0 }
inside && /= lock_vma_under_rcu\(/ { locked = 1 }
locked && /vma->vm_flags & vm_flags/ { question = NR; questions++; locked = 0 }

END {
  if (!last_include || functions != 1 || questions != 1) {
    print "error: do_page_fault() has not the form that is known here" > "/dev/stderr"
    exit 1
  }
  for (number = 1; number <= NR; number++) {
    if (number == question) {
      print "\tif (force_write(vma, regs, vm_flags, mm_flags)) {"
      print "\t\tvm_flags = VM_WRITE;"
      print "\t\tmm_flags |= FAULT_FLAG_WRITE;"
      print "\t}"
    }
    print line[number]
    if (number == last_include) print "#include \"force_write.h\""
  }
}
