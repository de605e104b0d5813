#pragma once
#include "sseg/backend/cpu/simd.hpp"

/// Instruction sets: one for each width of vectors. Vector code is written once, for any width, in functions and
/// lambdas marked SSEG_INLINE; it becomes instructions of the wide set where it is inlined into `Isa<Lanes>::call` or
/// `invoke`, whatever the translation unit is compiled for. So a program built without -march has all of them and
/// chooses when it runs. A function with vectors that is not inlined there is still right, but slow;
/// so is a select within a select, c ? (d ? a : b) : b, which GCC 12 makes one of c & d before it knows the wide set.
namespace sseg::cpu {

#define SSEG_TARGET_1
#if defined(__x86_64__)
#define SSEG_TARGET_4
#define SSEG_TARGET_8 __attribute__((target("avx2,fma")))
#define SSEG_TARGET_16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
inline bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
inline bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && has_avx2();
}
#else
#define SSEG_TARGET_4
#define SSEG_TARGET_8
#define SSEG_TARGET_16
inline bool has_avx2() { return false; }
inline bool has_avx512() { return false; }
#endif

/// The instruction set for vectors of `Lanes` floats: 1 is for tests; 4 is what every CPU of the architecture has
/// (SSE2, NEON), 8 is AVX2 with FMA, 16 is AVX-512 (F, BW, DQ, VL).
template <int Lanes>
struct Isa;

/// runs_here(): whether this CPU has it.  call(f): f().  invoke<Body>(a): Body{}(a).
#define SSEG_ISA(lanes, isa_name, here)                          \
  template <>                                                    \
  struct Isa<lanes> {                                            \
    static constexpr const char* name = isa_name;                \
    static bool runs_here() { return (here); }                   \
    template <class F>                                           \
    SSEG_TARGET_##lanes static void call(F&& f) {                \
      f();                                                       \
    }                                                            \
    template <class Body, class Arguments>                       \
    SSEG_TARGET_##lanes static void invoke(const Arguments& a) { \
      Body{}(a);                                                 \
    }                                                            \
  };
SSEG_ISA(1, "scalar", true)
SSEG_ISA(4, "baseline", true)
SSEG_ISA(8, "AVX2", has_avx2())
SSEG_ISA(16, "AVX-512", has_avx512())
#undef SSEG_ISA

}  // namespace sseg::cpu
