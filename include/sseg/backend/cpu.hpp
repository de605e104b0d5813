#pragma once
#include <span>
#include <string>
#include <string_view>

#include "sseg/backend/cpu/frozen_weights.hpp"
#include "sseg/backend/cpu/kernels.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// How a CPU backend works.
struct CpuOptions {
  int threads = 0;       ///< 0: all the cores this process sees
  int lanes = 0;         ///< floats a vector: 4, 8 or 16; 0: the most that this CPU has
  bool winograd = true;  ///< 3×3 convolutions by Winograd's algorithm where that is faster
};

/// An operation that the Cpu has a kernel for.
template <class Op, class Kernels = cpu::Kernels<16>>
concept HasCpuKernel = requires(Kernels& kernels, const Op& op) {
  kernels.run(op);
};

/// The CPU backend: float, a team of threads, and vectors of one of `Lanes` floats, the most first, chosen when it is
/// made. Results depend on the lanes, by rounding, but not on the number of threads, bit for bit. Keeps a workspace
/// that grows to the largest need seen; no allocation after that.
template <int... Lanes>
class BasicCpu {
 public:
  static constexpr std::string_view name = "cpu";
  using Scalar = float;
  using Space = HostSpace;

  /// Throws: Error when this build or this CPU has no vectors of `options.lanes` floats.
  explicit BasicCpu(const CpuOptions& options)
      : threads_(options.threads), lanes_(choose_or_throw(options.lanes)), winograd_(options.winograd) {}
  explicit BasicCpu(int threads = 0) : BasicCpu(CpuOptions{threads, 0, true}) {}

  /// Whether this build and this CPU have vectors of `lanes` floats.
  static bool has(int lanes) { return lanes > 0 && choose(lanes) == lanes; }

  /// The team, free between two operations for other work (reading and augmenting images).
  Threads& threads() { return threads_; }
  /// Floats a vector.
  int lanes() const { return lanes_; }
  /// "AVX-512", "AVX2" or "baseline".
  std::string_view instruction_set() const {
    std::string_view set;
    with_lanes([&]<int lanes>() { set = cpu::Isa<lanes>::name; });
    return set;
  }

  /// Until the hold ends, these weights do not change: convolutions pack and transform them once and not at every call.
  /// Results do not depend on it. See `FrozenNet`.
  FrozenWeights::Hold freeze(std::span<const float> weights) { return frozen_.freeze(weights); }
  const FrozenWeights& frozen() const { return frozen_; }

  /// What decides results beside the seed, by rounding: "AVX-512, Winograd".
  std::string arithmetic() const {
    bool winograd = false;
    with_lanes([&]<int lanes>() { winograd = winograd_ && every_way<lanes>; });
    return std::string(instruction_set()) + (winograd ? ", Winograd" : "");
  }

  template <HasCpuKernel Op>
  bool can(const Op& op) {
    if constexpr ((always_runs<Op, Kernels<Lanes>> && ...)) {
      return true;
    } else {
      bool yes = false;
      with_lanes([&]<int lanes>() {
        using K = Kernels<lanes>;
        if constexpr (always_runs<Op, K>)
          yes = true;
        else if constexpr (HasCpuKernel<Op, K>)
          yes = K{threads_, workspace_, winograd_, frozen_}.can(op);
      });
      return yes;
    }
  }

  /// Throws: Error when the chosen set has no kernel for it (then `can` is false).
  template <HasCpuKernel Op>
  void run(const Op& op);

 private:
  /// Beside wider vectors, 4 lanes serve only CPUs older than AVX2.
  template <int lanes>
  static constexpr bool every_way = lanes > 4 || sizeof...(Lanes) == 1;
  template <int lanes>
  using Kernels = cpu::Kernels<lanes, every_way<lanes>>;

  template <class Op, class K>
  static constexpr bool always_runs = HasCpuKernel<Op, K> && !requires(const K& k, const Op& op) {
    k.can(op);
  };

  /// f.operator()<lanes>() for the chosen ones.
  template <class F>
  void with_lanes(F&& f) const {
    const auto when_chosen = [&]<int one>() {
      if (lanes_ == one) f.template operator()<one>();
    };
    (when_chosen.template operator()<Lanes>(), ...);
  }

  static int choose(int wanted) {
    int chosen = 0;
    const auto consider = [&]<int one>() {
      if (chosen == 0 && (wanted == 0 || wanted == one) && cpu::Isa<one>::runs_here()) chosen = one;
    };
    (consider.template operator()<Lanes>(), ...);
    return chosen;
  }
  static int choose_or_throw(int wanted) {
    if (const int chosen = choose(wanted)) return chosen;
    const std::string vectors = wanted == 0 ? "any vectors" : "vectors of " + std::to_string(wanted) + " floats";
    throw Error("this program was not compiled for " + vectors + " that this CPU has", "BasicCpu",
                wanted == 0 ? "compile it for this CPU (SSEG_CPU_LANES, -march)" : "lanes = 0 chooses what there is");
  }

  Threads threads_;
  Buffer<float> workspace_;
  FrozenWeights frozen_;
  int lanes_;
  bool winograd_;
};

// Not in the class, where it would be inline: so that experiment/compiled_runs.hpp can keep it from being compiled
// again.
template <int... Lanes>
template <HasCpuKernel Op>
void BasicCpu<Lanes...>::run(const Op& op) {
  with_lanes([&]<int lanes>() {
    if constexpr (HasCpuKernel<Op, Kernels<lanes>>)
      Kernels<lanes>{threads_, workspace_, winograd_, frozen_}.run(op);
    else
      throw Error(std::string("no kernel of the ") + cpu::Isa<lanes>::name + " set runs this operation",
                  "BasicCpu::run", "ask can() first, and run its parts where that is false");
  });
}

/// The CPU backend with every width of vectors from what this translation unit is compiled for up, the best chosen at
/// run time: one program for every x86-64. `-DSSEG_CPU_LANES=16` (or 16,8 …) compiles only those: less to compile.
#if defined(SSEG_CPU_LANES)
using Cpu = BasicCpu<SSEG_CPU_LANES>;
#elif !defined(__x86_64__)
using Cpu = BasicCpu<4>;
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
using Cpu = BasicCpu<16>;
#elif defined(__AVX2__) && defined(__FMA__)
using Cpu = BasicCpu<16, 8>;
#else
using Cpu = BasicCpu<16, 8, 4>;
#endif

}  // namespace sseg
