// Names of C++ with source lines: a crash in a member function of a template, inlined functions on its way. It needs no library.
// It does not know who reads the names.
// Names of Rust and Swift.
#define NAMED(name) __asm__(".type \"" name "\", %function\n\"" name "\": ret\n.size \"" name "\", 4\n")
NAMED("_ZN4core3fmt5write17h0123456789abcdefE");
NAMED("_RNvCs15kBYyAo9fc_7mycrate3foo");
NAMED("$s4main3fooyyF");
NAMED("$s4main3BoxV5valueSivg");
NAMED("_Znotmangled");

__asm__(".globl _start\n.type _start, %function\n_start: bl enter\n.size _start, 4\n");

namespace shapes {
volatile int sink;

template <class T> struct Box {
  T *value;
  __attribute__((noinline)) T get(int) const { return *value; }
};

namespace {
__attribute__((noinline)) int hidden(const Box<int> &box) { return box.get(1) + sink; }
}

static inline __attribute__((always_inline)) int twice(const Box<int> &box) { return 2 * hidden(box) + sink; }

__attribute__((noinline)) int crash(Box<int> box, const char *) { return twice(box) + sink; }
__attribute__((noinline)) int crash(long) { return sink; }
}

extern "C" __attribute__((used)) int enter() { return shapes::crash(shapes::Box<int>{nullptr}, "") + shapes::crash(1L); }
