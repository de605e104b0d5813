#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/view.hpp"
#include "sseg/layer/conv2d.hpp"

namespace sseg {

/// The patches that a convolution's filters see, where a backend's arrays lie. They are made by the backend's own
/// convolution, with filters that are 0 but at the values they select, and their products by its gradient in the
/// weights: nothing that a device with a convolution does not have. For mutations: it allocates.
template <class T>
class PatchesByConvolution {
 public:
  /// What batches add up to, on the host:  sum_p = Σ patch_p,  products_pq = Σ patch_p·patch_q.
  struct Moments {
    std::vector<double> sum, products;
  };

  PatchesByConvolution() = default;
  /// `most_values`: of patches at a time, where only sums of them are wanted.
  explicit PatchesByConvolution(Index most_values) : most_values_(most_values) {}

  /// h:(N, H'/pool, W'/pool, k·k·in), of x:(N,H,W,in): the patches of every position of the entry's output, averaged
  /// over pool windows. Valid until the next call.
  template <class B>
  View<const T> averaged(B& backend, const Conv2d& entry, Index pool, View<const T> x) {
    const Conv2d select = selector(entry, pool);
    return convolve(backend, select, weights(backend, select, pool), x, averaged_);
  }

  /// Moments of the patches at every position, pooled or not, some pictures at a time. So that float sums lose no
  /// digits, the second factor is taken less the mean m over the first pictures, which is put back in double:
  ///   Σ a·bᵀ = Σ a·(b − m)ᵀ + (Σ a)·mᵀ
  template <class B>
  Moments moments(B& backend, const Conv2d& entry, View<const T> x) const {
    const Conv2d select = selector(entry, 1);
    const Index cols = select.out, positions = entry.out_shape(x.shape).count() / (x.shape[0] * entry.out);
    const Index some = std::clamp<Index>(most_values_ / (positions * cols), 1, x.shape[0]);
    const Buffer<T> w = weights(backend, select, 1);
    Conv2d wide = entry;
    wide.out = cols;
    Buffer<T> patches, mean = zeros(backend, cols), less = mean, variance = mean, sum = mean,
                       products = zeros(backend, cols * cols);
    for (Index n = 0; n < x.shape[0]; n += some) {
      Shape part = x.shape;
      part.extent[0] = std::min(some, x.shape[0] - n);
      const View<const T> pictures{x.item(n).data, part};
      (void)convolve(backend, select, w, pictures, patches);
      const Index rows = part[0] * positions;
      if (n == 0) {
        dispatch(backend, ColumnMoments<T>{rows, cols, patches.data(), mean.data(), variance.data()});
        dispatch(backend, Scale<T>{cols, T{-1}, mean.data(), less.data(), false});
      }
      dispatch(backend, AddBias<T>{rows, cols, less.data(), patches.data()});
      dispatch(backend, Conv2dBackwardWeights<T>{wide.geometry(part), pictures.data, patches.data(), products.data(),
                                                 sum.data()});
    }
    return put_back(on_host(mean), on_host(sum), on_host(products), static_cast<double>(x.shape[0] * positions));
  }

 private:
  template <class B>
  static Buffer<T> zeros(B& backend, Index count) {
    Buffer<T> b;
    b.lie_in(memory_of(backend));
    b.resize(count);
    return b;
  }
  static std::vector<double> on_host(const Buffer<T>& b) {
    std::vector<T> here(to_size(b.size()));
    b.download(here);
    return {here.begin(), here.end()};
  }
  /// The convolution that selects, with one filter for each value of a patch.
  static Conv2d selector(const Conv2d& entry, Index pool) {
    Conv2d c = entry;
    c.out = entry.kernel * entry.kernel * entry.in;
    c.kernel = (pool - 1) * entry.stride + entry.kernel;
    c.stride = pool * entry.stride;
    return c;
  }
  /// Its weights (kernel, kernel, in, out): a filter averages what its value is at the pool·pool positions of a window.
  template <class B>
  static Buffer<T> weights(B& backend, const Conv2d& c, Index pool) {
    const Index stride = c.stride / pool, kernel = c.kernel - (pool - 1) * stride;
    Buffer<T> w(c.kernel * c.kernel * c.in * c.out);
    for (Index a = 0; a < pool * pool; ++a)
      for (Index f = 0; f < c.out; ++f) {
        const Index u = f / c.in / kernel, v = f / c.in % kernel, k = f % c.in;
        const Index row = a / pool * stride + u, column = a % pool * stride + v;
        w[((row * c.kernel + column) * c.in + k) * c.out + f] += T{1} / static_cast<T>(pool * pool);
      }
    w.move_to(memory_of(backend));
    return w;
  }
  template <class B>
  static View<const T> convolve(B& backend, const Conv2d& c, const Buffer<T>& w, View<const T> x, Buffer<T>& to) {
    const Shape out = c.out_shape(x.shape);
    reserve_for(backend, to, out.count());
    dispatch(backend, Conv2dForward<T>{c.geometry(x.shape), x.data, w.data(), nullptr, to.data()});
    return {to.data(), out};
  }

  /// From `sum` = Σ (b − m) and `products` = Σ a·(b − m)ᵀ, whose two halves differ by rounding alone.
  static Moments put_back(const std::vector<double>& mean, std::vector<double> sum, const std::vector<double>& products,
                          double positions) {
    const std::size_t cols = mean.size();
    for (std::size_t p = 0; p < cols; ++p) sum[p] += positions * mean[p];
    std::vector<double> whole(products.size());
    const auto at = [&](std::size_t p, std::size_t q) { return products[p * cols + q] + sum[p] * mean[q]; };
    for (std::size_t p = 0; p < cols; ++p)
      for (std::size_t q = 0; q < cols; ++q) whole[p * cols + q] = (at(p, q) + at(q, p)) / 2;
    return {std::move(sum), std::move(whole)};
  }

  Index most_values_ = Index{1} << 24;
  Buffer<T> averaged_;
};

}  // namespace sseg
