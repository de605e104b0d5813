#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/onednn/conv_kernel.hpp"
#include "sseg/backend/onednn/convolution.hpp"
#include "sseg/backend/onednn/library.hpp"
#include "sseg/backend/onednn/omp_threads.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// Convolutions and products by oneDNN (github.com/oneapi-src/oneDNN): a peer to measure the Cpu against, and another
/// way where the Cpu's is doubted. `Prefer<OneDnn, Cpu>` is a whole backend.
///
/// Threads: oneDNN runs on OpenMP's team, which is given `threads` threads for the time of an operation. Between two of
/// them OpenMP's threads look for work for some milliseconds; where other threads work then (the Cpu's behind Prefer),
/// start the program with OMP_WAIT_POLICY=passive. Results depend on the number of threads, by rounding.
///
/// Memory: what a shape needs is prepared when it is first seen and kept, up to `most_kept` of them, after which it
/// starts anew. Scratch memory and weights in oneDNN's layout are one workspace that grows to the largest need. oneDNN
/// itself allocates about a dozen blocks of some 100 bytes for each convolution, and Gemm copies of parts of its
/// matrices.
class OneDnn {
 public:
  static constexpr std::string_view name = "onednn";
  using Scalar = float;
  using Space = HostSpace;
  static constexpr std::size_t most_kept = 512;

  /// `threads` = 0: all the cores this process sees. Throws: Error when this oneDNN is not built on OpenMP.
  explicit OneDnn(int threads = 0)
      : threads_(threads),
        runtime_(onednn::OmpRuntime::find()),
        engine_(onednn::attempt([] { return dnnl::engine(dnnl::engine::kind::cpu, 0); },
                                [] { return std::string("OneDnn"); })),
        stream_(engine_) {}

  /// A team for host-side work beside the operations; asleep while they run.
  Threads& threads() { return threads_; }

  bool can(const Conv2dForward<float>& a) const { return takes(a.g); }
  bool can(const Conv2dBackwardData<float>& a) const { return takes(a.g); }
  bool can(const Conv2dBackwardWeights<float>& a) const { return takes(a.g); }
  bool can(const Gemm<float>& a) const { return a.m > 0 && a.n > 0 && a.k > 0; }

  /// Throws, as all of them: Error when oneDNN fails or does not take the sizes.
  void run(const Conv2dForward<float>& a) { run(key(a), {a.x, a.y, a.w, a.bias}); }
  void run(const Conv2dBackwardData<float>& a) { run(key(a), {a.dx, a.dy, a.w, nullptr}); }
  void run(const Conv2dBackwardWeights<float>& a) { run(key(a), {a.x, a.dy, a.dw, a.dbias}); }
  void run(const Gemm<float>& a) {
    const onednn::OmpThreads limit(runtime_, threads_.count());
    onednn::attempt(
        [&] {
          dnnl::error::wrap_c_api(dnnl_sgemm(a.a_transposed ? 'T' : 'N', a.b_transposed ? 'T' : 'N', a.m, a.n, a.k,
                                             a.alpha, a.a, a.a_transposed ? a.m : a.k, a.b, a.b_transposed ? a.k : a.n,
                                             a.accumulate ? 1.f : 0.f, a.c, a.n),
                                  "could not multiply");
        },
        [&] {
          return "OneDnn, product of (" + std::to_string(a.m) + ", " + std::to_string(a.k) + ") and (" +
                 std::to_string(a.k) + ", " + std::to_string(a.n) + ")";
        });
  }

  /// oneDNN's name of the code that runs a convolution, as "jit:avx512_core".
  template <class Convolution>
  std::string implementation(const Convolution& a) {
    return prepared(key(a)).implementation();
  }

 private:
  using Key = onednn::ConvKey;
  using Pass = onednn::ConvPass;
  static Key key(const Conv2dForward<float>& a) { return {Pass::forward, a.g, a.bias != nullptr}; }
  static Key key(const Conv2dBackwardData<float>& a) { return {Pass::backward_data, a.g, false}; }
  static Key key(const Conv2dBackwardWeights<float>& a) { return {Pass::backward_weights, a.g, a.dbias != nullptr}; }

  static bool takes(const ConvGeometry& g) {
    const bool sizes = g.n > 0 && g.h > 0 && g.w > 0 && g.c > 0 && g.o > 0;
    return sizes && g.kernel > 0 && g.stride > 0 && g.pad >= 0 && g.h + 2 * g.pad >= g.kernel &&
           g.w + 2 * g.pad >= g.kernel;
  }

  onednn::Convolution& prepared(const Key& key) {
    for (auto& one : convolutions_)
      if (one.key() == key) return one;
    const onednn::OmpThreads limit(runtime_, threads_.count());
    return onednn::attempt(
        [&]() -> onednn::Convolution& {
          if (convolutions_.size() == most_kept) convolutions_.clear();
          return convolutions_.emplace_back(engine_, key);
        },
        [&] { return key.text(); });
  }
  void run(const Key& key, const onednn::ConvTensors& tensors) {
    auto& convolution = prepared(key);
    workspace_.reserve_at_least(convolution.space());
    const onednn::OmpThreads limit(runtime_, threads_.count());
    onednn::attempt(
        [&] {
          convolution.run(stream_, tensors, workspace_.data());
          stream_.wait();
        },
        [&] { return key.text(); });
  }

  Threads threads_;
  onednn::OmpRuntime runtime_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<onednn::Convolution> convolutions_;
  Buffer<float> workspace_;
};

}  // namespace sseg
