#pragma once
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/onednn/conv_kernel.hpp"
#include "sseg/backend/onednn/convolution.hpp"
#include "sseg/backend/onednn/library.hpp"
#include "sseg/backend/onednn/one_omp_thread.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// How OneDnn works.
struct OneDnnOptions {
  int threads = 0;  ///< 0: all the cores this process sees
  int pieces = 16;  ///< at most so many for a batch; results depend on it by rounding, on the threads not at all
};

/// Convolutions and products by oneDNN (github.com/oneapi-src/oneDNN): a peer to measure the Cpu against, and another
/// way where the Cpu's is doubted. `Prefer<OneDnn, Cpu>` is a whole backend.
///
/// Threads: ours, not OpenMP's. A batch (of a product: the rows) is cut into pieces, and each piece is oneDNN's work on
/// one thread of the team: the same bits for any number of threads, and no second team that spins beside ours. A batch
/// of one image runs on one thread.
///
/// Memory: what a shape needs is prepared when it is first seen and kept, up to `most_kept` of them, after which it
/// starts anew. Scratch memory, weights in oneDNN's layout and the pieces' weight gradients are one workspace that
/// grows to the largest need. oneDNN itself allocates some blocks of 100 bytes for each piece of a convolution, and
/// Gemm copies of parts of its matrices.
class OneDnn {
 public:
  static constexpr std::string_view name = "onednn";
  using Scalar = float;
  using Space = HostSpace;
  static constexpr std::size_t most_kept = 512;

  /// Throws: Error when this oneDNN is not built on OpenMP.
  explicit OneDnn(const OneDnnOptions& options)
      : threads_(options.threads),
        pieces_(std::max(1, options.pieces)),
        runtime_(onednn::OmpRuntime::find()),
        engine_(onednn::attempt([] { return dnnl::engine(dnnl::engine::kind::cpu, 0); }, [] { return "OneDnn"; })) {
    for (int i = 0; i < threads_.count(); ++i)
      onednn::attempt([&] { streams_.emplace_back(engine_); }, [] { return "OneDnn"; });
  }
  explicit OneDnn(int threads = 0) : OneDnn(OneDnnOptions{.threads = threads}) {}

  /// The team, free between two operations for other work.
  Threads& threads() { return threads_; }

  bool can(const Conv2dForward<float>& a) const { return takes(a.g); }
  bool can(const Conv2dBackwardData<float>& a) const { return takes(a.g); }
  bool can(const Conv2dBackwardWeights<float>& a) const { return takes(a.g); }
  bool can(const Gemm<float>& a) const { return a.m > 0 && a.n > 0 && a.k > 0; }

  /// Throws, as all of them: Error when the sizes are none that it takes, or oneDNN fails.
  void run(const Conv2dForward<float>& a) { run(onednn::key_of(a), {a.x, a.y, a.w, a.bias}); }
  void run(const Conv2dBackwardData<float>& a) { run(onednn::key_of(a), {a.dx, a.dy, a.w, nullptr}); }
  void run(const Conv2dBackwardWeights<float>& a) { run(onednn::key_of(a), {a.x, a.dy, a.dw, a.dbias}); }
  void run(const Gemm<float>& a) {
    const Index pieces = std::clamp<Index>(a.m / least_rows, 1, pieces_);
    onednn::attempt([&] { threads_.run(pieces, [&](Index i) { multiply(a, part_of(a.m, pieces, i)); }); },
                    [&] {
                      const auto size = [](Index rows, Index cols) {
                        return "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
                      };
                      return "OneDnn, product of " + size(a.m, a.k) + " and " + size(a.k, a.n);
                    });
  }

  /// oneDNN's name of the code that runs a convolution, as "jit:avx512_core".
  template <class Operation>
  requires requires(const Operation& a) { onednn::key_of(a); }
  std::string implementation(const Operation& a) { return prepared(onednn::key_of(a)).implementation(); }

 private:
  using Key = onednn::ConvKey;
  /// Rows of a product that are worth a piece: every piece copies the other matrix.
  static constexpr Index least_rows = 64;

  /// Sizes of a convolution, with images and weights whose values oneDNN can number by an int.
  static bool takes(const ConvGeometry& g) {
    const bool sizes = g.n > 0 && g.h > 0 && g.w > 0 && g.c > 0 && g.o > 0 && g.kernel > 0 && g.stride > 0 &&
                       g.pad >= 0 && g.h + 2 * g.pad >= g.kernel && g.w + 2 * g.pad >= g.kernel;
    return sizes && fits(g.h, g.w, g.c) && fits(g.out_h(), g.out_w(), g.o) && fits(g.kernel * g.kernel, g.c, g.o);
  }
  static bool fits(Index a, Index b, Index c) {
    return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c) <= std::numeric_limits<int>::max();
  }

  onednn::Convolution& prepared(const Key& key) {
    for (auto& one : convolutions_)
      if (one.key() == key) return one;
    const onednn::OneOmpThread alone(runtime_);
    return onednn::attempt(
        [&]() -> onednn::Convolution& {
          if (convolutions_.size() == most_kept) convolutions_.clear();
          return convolutions_.emplace_back(engine_, key, pieces_, threads_.count());
        },
        [&] { return key.text(); });
  }
  void run(const Key& key, const onednn::ConvTensors& tensors) {
    if (!takes(key.g)) throw Error("these are no sizes of a convolution", key.text(), "ask can() first");
    auto& convolution = prepared(key);
    workspace_.reserve_at_least(convolution.space());
    onednn::attempt([&] { convolution.run(threads_, runtime_, streams_, tensors, workspace_.data()); },
                    [&] { return key.text(); });
  }

  /// Some rows of a product.
  void multiply(const Gemm<float>& a, Range rows) const {
    const onednn::OneOmpThread alone(runtime_);
    const float* first = a.a + rows.begin * (a.a_transposed ? 1 : a.k);
    const dnnl_status_t status =
        dnnl_sgemm(a.a_transposed ? 'T' : 'N', a.b_transposed ? 'T' : 'N', rows.size(), a.n, a.k, a.alpha, first,
                   a.a_transposed ? a.m : a.k, a.b, a.b_transposed ? a.k : a.n, a.accumulate ? 1.f : 0.f,
                   a.c + rows.begin * a.n, a.n);
    dnnl::error::wrap_c_api(status, "could not multiply");
  }

  Threads threads_;
  Index pieces_;
  onednn::OmpRuntime runtime_;
  dnnl::engine engine_;
  std::vector<dnnl::stream> streams_;
  std::vector<onednn::Convolution> convolutions_;
  Buffer<float> workspace_;
};

}  // namespace sseg
