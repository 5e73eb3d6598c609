# Everything that people and CI do with Faultline, by name. `make` lists the targets; `make demo` and `make test` each work on a
# fresh machine that has Swift, git, make and apt (or brew). Recipes are POSIX shell, so /bin/sh may be dash.

# Building and testing use one set of flags, because SwiftPM rebuilds every module when the flags change.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
FAULTLINE   := .build/release/faultline
PREFIX      ?= /usr/local
# Tests of the kernel layers that take minutes without optimisation: `make test` runs them, `make check` does not.
SLOW_IN_DEBUG := Million|NaiveModel|moreSpacesThanNumbers|walk|aFullTreeIsFiveNodesDeep|everySequenceOfFive
GUEST_GCC   := aarch64-linux-gnu-gcc
PROGRAM     ?= build/firmware/examples/force_write

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

# libedit is a part of macOS.
deps: ## Install Capstone and libedit, the libraries needed, unless pkg-config finds them
	@pkg-config --exists capstone 2>/dev/null || firmware/install.sh libcapstone-dev pkg-config -- capstone pkg-config
	@[ "$$(uname)" != Linux ] || pkg-config --exists libedit 2>/dev/null || firmware/install.sh libedit-dev

build: deps ## Build the faultline command, optimised
	swift build $(SWIFT_FLAGS)

firmware: ## Build the guest programs into build/firmware

demo: build firmware ## Measure pretouch under three policies, then run the example guests
	@set -e; show() { echo; echo "\$$ faultline $$*"; $(FAULTLINE) "$$@"; }; \
	show bench pretouch; \
	for program in hello hello-pie counter segv_esr kinds; do show run build/firmware/examples/$$program; done; \
	show run build/firmware/examples/force_write; show run --atomic-faults force-write-v5 build/firmware/examples/force_write

test: deps firmware peers glibc ## Run all tests
	swift test $(SWIFT_FLAGS)

# Debug builds check exclusive access everywhere; optimised builds do not in the kernel's modules. A million operations are too slow
# in a debug build.
check: deps firmware ## Lint every Swift file, build for debugging, run the tidy test and the kernel's tests with exclusivity checks
	swift format lint --strict --parallel --recursive Sources Tests Package.swift
	swift test --filter TidyTests --filter ArchitectureTests --filter LinuxMMTests --filter LinuxKernelTests --skip '$(SLOW_IN_DEBUG)'

bench: build firmware ## Compare with QEMU, user and system mode, on this machine
	firmware/bench/compare.sh

bench-instructions: build firmware ## Count host instructions with callgrind and compare with the committed counts: RECORD=1, ROWS=
	JOBS=$(JOBS) RECORD=$(RECORD) firmware/bench/instructions.sh $(ROWS)

fuzz: deps ## Fuzz ELF files, page tables, shell lines, system calls, packets and logs: SEED=, COUNT=, SECONDS=, TARGET=, CASE=, FIRST=
	swift build $(SWIFT_FLAGS) --build-tests
	@SEED=$(SEED) COUNT=$(COUNT) SECONDS_MAX=$(SECONDS) CASE=$(CASE) FIRST=$(FIRST) SWIFT_FLAGS="$(SWIFT_FLAGS)" Tests/Fuzz/fuzz.sh $(TARGET)

soak: deps ## Compare random operations on address spaces with a naive model: SEED=, SECONDS=600, FIRST=
	swift build $(SWIFT_FLAGS) --build-tests
	@SEED=$(SEED) SECONDS_MAX=$(or $(SECONDS),600) FIRST=$(FIRST) SWIFT_FLAGS="$(SWIFT_FLAGS)" Tests/Fuzz/fuzz.sh soak

differential-el1: build firmware ## Compare bare-metal images under faultline and qemu-system-aarch64: RECORD=1
	@RECORD=$(RECORD) firmware/el1/differential.sh
	@RECORD=$(RECORD) firmware/el1/sweep.sh

differential: build ## Compare random instructions under faultline and qemu-aarch64: SEED=, COUNT=, CLASS=
	@command -v qemu-aarch64 >/dev/null || firmware/install.sh qemu-user
	$(FAULTLINE) differential $(SEED:%=--seed %) $(COUNT:%=--count %) $(CLASS:%=--class %)

decode-coverage: build ## Compare the decoder with llvm-objdump, and Capstone's answers by form and by word: SEED=, COUNT=
	$(FAULTLINE) decode-coverage $(SEED:%=--seed %) $(COUNT:%=--count %)

vectors: build firmware glibc ## Record again the vectors of instructions, and the output of test programs on real kernels: SEED=
	@command -v qemu-aarch64 >/dev/null || firmware/install.sh qemu-user
	$(FAULTLINE) vectors $(SEED:%=--seed %)
	firmware/vectors/record-programs.sh

oracle: firmware ## Record again the golden files, from real kernels in QEMU
	firmware/oracle/record.sh

walks: build firmware ## Compare random walks over memory with real kernels: SEED=, COUNT=200, SEEDS=, PROFILES=, RECORD=
	firmware/oracle/walks.sh

esr-matrix: build firmware ## Compare the syndromes that signal handlers see with real kernels and Debian's newest qemu-aarch64
	firmware/oracle/esr-matrix.sh

short-walks: build firmware ## Compare the hashes of thousands of short random walks with a real kernel: SEED=, COUNT=1000, KERNEL=7.3
	@SEED=$(SEED) COUNT=$(COUNT) KERNEL=$(KERNEL) firmware/oracle/short_walks.sh

vdso: ## Build the vDSO and write its bytes into the kernel model's Swift source
	firmware/vdso/record.sh

ltp: build ## Run tests of the Linux Test Project from a folder of built tests: LTP=DIR, GROUP=, JOBS=
	@[ -z "$(LTP)" ] || $(MAKE) --no-print-directory build/firmware/ltp/alone
	@JOBS=$(JOBS) firmware/ltp/run.sh "$(LTP)" $(GROUP)

shell: build firmware ## Debug a guest program: make shell PROGRAM=path
	@$(FAULTLINE) shell $(PROGRAM)

examples: ## Build the examples and write them into the command's Swift source
	firmware/examples/record.sh

docs: build ## Build the documentation into build/docs; a warning is an error
	firmware/packaging/docs.sh .build/release build/docs

# What is installed is linked again from the same objects, so nothing is compiled twice.
stage: build
	@firmware/packaging/stage.sh .build/release .build/stage

install: stage ## Install command, completions, manual and examples below PREFIX (/usr/local): DESTDIR=
	@firmware/packaging/install.sh .build/stage "$(DESTDIR)$(PREFIX)"

uninstall: ## Remove what make install has put below PREFIX
	@firmware/packaging/uninstall.sh "$(DESTDIR)$(PREFIX)"

install-check: stage ## Install into a new folder and check that the command stands alone there
	@firmware/packaging/check.sh .build/stage

clean: ## Remove what was built and downloaded
	rm -rf .build build

.PHONY: help deps build firmware demo test check bench bench-instructions fuzz soak differential-el1 differential decode-coverage vectors oracle walks short-walks shell examples docs stage install uninstall install-check clean peers glibc esr-matrix vdso ltp

# On machines with apt, tests compare with QEMU's user mode, and with programs built by Debian's compiler with a static glibc.
peers:
	@command -v apt-get >/dev/null || exit 0; \
	command -v qemu-aarch64 >/dev/null || firmware/install.sh qemu-user; \
	command -v gdb-multiarch >/dev/null || firmware/install.sh gdb-multiarch; \
	command -v $(GUEST_GCC) >/dev/null || firmware/install.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross

# Programs with Debian's static glibc, each at -O2 and -O3, if Debian's compiler is there.
GLIBC := $(foreach name,$(basename $(notdir $(wildcard firmware/glibc/*.c))),build/firmware/glibc/$(name)-O2 build/firmware/glibc/$(name)-O3)
glibc: peers
	@! command -v $(GUEST_GCC) >/dev/null || $(MAKE) --no-print-directory $(GLIBC) $(SHAPES)
define GLIBC_RULE
build/firmware/glibc/%-$(1): firmware/glibc/%.c Makefile
	@mkdir -p $$(@D); echo 'guest $$@'
	@$(GUEST_GCC) -static -$(1) -march=armv8-a+crypto -Wall -Wno-format $$< -o $$@ -lm
endef
$(foreach level,O2 O3,$(eval $(call GLIBC_RULE,$(level))))

# A program that crashes with stacks of many shapes, compiled in several ways. The last two are the one of -O2: without anything that
# describes frames, and with its symbols in a file of their own.
SHAPES := $(addprefix build/firmware/backtraces/shapes-,O0 O2 omit pac nocfi scanned stripped)
SHAPE_FLAGS_O0    := -O0
SHAPE_FLAGS_O2    := -O2
SHAPE_FLAGS_omit  := -O2 -fomit-frame-pointer -momit-leaf-frame-pointer
SHAPE_FLAGS_pac   := -O2 -mbranch-protection=standard
SHAPE_FLAGS_nocfi := -O2 -fno-asynchronous-unwind-tables -fno-unwind-tables
build/firmware/backtraces/shapes-scanned: build/firmware/backtraces/shapes-O2
	@aarch64-linux-gnu-objcopy -R .eh_frame -R .debug_frame $< $@
build/firmware/backtraces/shapes-stripped: build/firmware/backtraces/shapes-O2
	@aarch64-linux-gnu-objcopy --only-keep-debug $< $@.debug
	@aarch64-linux-gnu-strip $< -o $@
	@cd $(@D); aarch64-linux-gnu-objcopy --add-gnu-debuglink=$(@F).debug $(@F)
build/firmware/backtraces/shapes-%: firmware/backtraces/shapes.c Makefile
	@mkdir -p $(@D); echo 'guest $@'
	@$(GUEST_GCC) -static -g $(SHAPE_FLAGS_$*) -Wall -Wno-infinite-recursion $< -o $@

# Guest programs. The toolchain's own clang and lld build them, so no cross compiler is needed. These are looked up once, and only
# when a guest program is out of date.
CLANG = $(eval CLANG := $(or $(wildcard $(shell \
  swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift.*|\1/bin/clang|p')),clang))$(CLANG)
GUEST_FLAGS := --target=aarch64-unknown-linux-gnu -march=armv8.5-a -O1 -ffreestanding -fno-stack-protector -nostdlib -fuse-ld=lld \
  -Wl,--build-id=none -Wall -Wno-unused-function -Ifirmware/include

# Bare-metal images, which run at EL1 without a kernel: each C source with the runtime.
IMAGES      := $(patsubst %.c,build/%,$(wildcard firmware/el1/*.c firmware/bench/el1/*.c))
IMAGE_FLAGS := --target=aarch64-none-elf -march=armv8.5-a -mgeneral-regs-only -mstrict-align -O2 -g -ffreestanding \
  -fno-stack-protector -nostdlib -static -fuse-ld=lld -Wl,--build-id=none -Wl,-T,firmware/el1/el1.ld -Wall -Wno-unused-function

# Each source is a program, except the loops to which bench/cpu links.
LOOPS    := firmware/bench/builtin.S
HEADERS  := $(wildcard firmware/include/*.h firmware/oracle/*.h)
SOURCES  := $(filter-out $(LOOPS) firmware/el1/% firmware/glibc/% firmware/vdso/% firmware/backtraces/%,$(wildcard firmware/*/*.c firmware/*/*.S))
PROGRAMS := $(SOURCES:%=build/%)
PROGRAMS := $(PROGRAMS:%.c=%)
PROGRAMS := $(PROGRAMS:%.S=%) build/firmware/examples/hello-pie

# The image that the kernel model maps into each program. Its bytes are in a Swift file too, which `make vdso` writes.
VDSO       := build/firmware/vdso/vdso.so
VDSO_FLAGS := --target=aarch64-unknown-linux-gnu -march=armv8-a -mgeneral-regs-only -Os -ffreestanding -fno-stack-protector -fPIC \
  -fno-jump-tables -fno-asynchronous-unwind-tables -nostdlib -fuse-ld=lld -shared -Wl,-soname,linux-vdso.so.1 -Wl,--hash-style=gnu \
  -Wl,-Bsymbolic -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-s -Wl,-T,firmware/vdso/vdso.ld -Wall

firmware: $(PROGRAMS) $(IMAGES) $(VDSO) build/firmware/backtraces/names

$(VDSO): $(wildcard firmware/vdso/*.c firmware/vdso/*.S firmware/vdso/*.h) firmware/vdso/vdso.ld Makefile
	@mkdir -p $(@D); echo 'image $@'
	@$(CLANG) $(VDSO_FLAGS) $(filter %.c %.S,$^) -o $@

# C++ with debug information.
build/firmware/backtraces/names: firmware/backtraces/names.cpp Makefile
	@mkdir -p $(@D); echo 'guest $@'
	@$(CLANG) $(GUEST_FLAGS) -g -fno-exceptions -static $< -o $@

build/firmware/bench/cpu: $(LOOPS)
# This one is built as numeric programs are, with vector instructions.
build/firmware/bench/float: GUEST_FLAGS += -O2 -fno-math-errno
# This one is a crash to look at with a debugger. Its lines must not name a folder of this machine.
build/firmware/examples/use_after_unmap: GUEST_FLAGS += -g -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fdebug-compilation-dir=.
# These die, each in a way of its own, so that what is said about their deaths can be tested.
build/firmware/crashes/%: GUEST_FLAGS += -g -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fdebug-compilation-dir=.
# This one tests landing pads, so it has them, and the note that says so.
build/firmware/tests/branch_targets: GUEST_FLAGS += -mbranch-protection=standard
# Debuggers show its lines and variables.
build/firmware/tests/debugged: GUEST_FLAGS += -g -O0
build/firmware/tests/becomes: GUEST_FLAGS += -g -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fdebug-compilation-dir=.
$(IMAGES): build/%: %.c firmware/el1/start.S firmware/el1/el1.ld $(wildcard firmware/el1/*.h) Makefile
	@mkdir -p $(@D); echo 'image $@'
	@$(CLANG) $(IMAGE_FLAGS) firmware/el1/start.S $< -o $@
build/firmware/%-pie: firmware/%.S Makefile
	@mkdir -p $(@D); echo 'guest $@'
	@$(CLANG) $(GUEST_FLAGS) -static-pie $< -o $@
build/firmware/%: firmware/%.c $(HEADERS) Makefile
	@mkdir -p $(@D); echo 'guest $@'
	@$(CLANG) $(GUEST_FLAGS) -static $(filter %.c %.S,$^) -o $@
build/firmware/%: firmware/%.S Makefile
	@mkdir -p $(@D); echo 'guest $@'
	@$(CLANG) $(GUEST_FLAGS) -static $< -o $@
