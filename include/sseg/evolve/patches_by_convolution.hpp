#pragma once
#include <algorithm>
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
    return convolve(backend, selector(entry, pool), pool, x, averaged_);
  }

  /// Moments of the patches at every position, pooled or not, some pictures at a time. So that float sums lose no
  /// digits, the second factor is taken less the mean m over the first pictures, which is put back in double:
  ///   Σ a·bᵀ = Σ a·(b − m)ᵀ + (Σ a)·mᵀ
  template <class B>
  Moments moments(B& backend, const Conv2d& entry, View<const T> x) {
    const Index cols = filter_size(entry), positions = entry.out_shape(x.shape).count() / (x.shape[0] * entry.out);
    const Index some = std::clamp<Index>(most_values_ / (positions * cols), 1, x.shape[0]);
    for (Buffer<T>* b : {&sum_, &mean_, &less_, &variance_}) zeros(backend, *b, cols);
    zeros(backend, products_, cols * cols);
    const Conv2d select = selector(entry, 1);
    for (Index n = 0; n < x.shape[0]; n += some) {
      Shape part = x.shape;
      part.extent[0] = std::min(some, x.shape[0] - n);
      const View<const T> pictures{x.item(n).data, part};
      (void)convolve(backend, select, 1, pictures, all_);
      const Index rows = part[0] * positions;
      if (n == 0) {
        dispatch(backend, ColumnMoments<T>{rows, cols, all_.data(), mean_.data(), variance_.data()});
        dispatch(backend, Scale<T>{cols, T{-1}, mean_.data(), less_.data(), false});
      }
      dispatch(backend, AddBias<T>{rows, cols, less_.data(), all_.data()});
      Conv2d wide = entry;
      wide.out = cols;
      dispatch(backend, Conv2dBackwardWeights<T>{wide.geometry(part), pictures.data, all_.data(), products_.data(),
                                                 sum_.data()});
    }
    return on_host(cols, static_cast<double>(x.shape[0] * positions));
  }

 private:
  static Index filter_size(const Conv2d& c) { return c.kernel * c.kernel * c.in; }

  template <class B>
  static void zeros(B& backend, Buffer<T>& b, Index count) {
    b.lie_in(memory_of(backend));
    b.resize(count);
  }
  /// The convolution that selects, with one filter for each value of a patch.
  static Conv2d selector(const Conv2d& entry, Index pool) {
    Conv2d c = entry;
    c.out = filter_size(entry);
    c.kernel = (pool - 1) * entry.stride + entry.kernel;
    c.stride = pool * entry.stride;
    return c;
  }
  /// Its weights (kernel, kernel, in, out): a filter averages what its value is at the pool·pool positions of a window.
  static std::vector<T> weights(const Conv2d& c, Index pool) {
    const Index stride = c.stride / pool, kernel = c.kernel - (pool - 1) * stride;
    std::vector<T> w(to_size(c.kernel * c.kernel * c.in * c.out), T{});
    for (Index a = 0; a < pool * pool; ++a)
      for (Index f = 0; f < c.out; ++f) {
        const Index u = f / c.in / kernel, v = f / c.in % kernel, k = f % c.in;
        const Index row = a / pool * stride + u, column = a % pool * stride + v;
        w[to_size(((row * c.kernel + column) * c.in + k) * c.out + f)] += T{1} / static_cast<T>(pool * pool);
      }
    return w;
  }
  template <class B>
  View<const T> convolve(B& backend, const Conv2d& c, Index pool, View<const T> x, Buffer<T>& to) {
    const std::vector<T> w = weights(c, pool);
    reserve_for(backend, weights_, static_cast<Index>(w.size()));
    weights_.upload(w);
    const Shape out = c.out_shape(x.shape);
    reserve_for(backend, to, out.count());
    dispatch(backend, Conv2dForward<T>{c.geometry(x.shape), x.data, weights_.data(), nullptr, to.data()});
    return {to.data(), out};
  }

  /// sum_ holds Σ (a − m), products_ Σ a·(b − m)ᵀ.
  Moments on_host(Index cols, double positions) const {
    std::vector<T> sum(to_size(cols)), mean(sum), products(to_size(cols * cols));
    sum_.download(sum);
    mean_.download(mean);
    products_.download(products);
    Moments m{std::vector<double>(sum.size()), std::vector<double>(products.size())};
    for (std::size_t p = 0; p < sum.size(); ++p)
      m.sum[p] = static_cast<double>(sum[p]) + positions * static_cast<double>(mean[p]);
    const auto at = [&](std::size_t p, std::size_t q) {
      return static_cast<double>(products[p * sum.size() + q]) + m.sum[p] * static_cast<double>(mean[q]);
    };
    for (std::size_t p = 0; p < sum.size(); ++p)
      for (std::size_t q = 0; q < sum.size(); ++q) m.products[p * sum.size() + q] = (at(p, q) + at(q, p)) / 2;
    return m;
  }

  Index most_values_ = Index{1} << 24;
  Buffer<T> weights_, averaged_, all_, sum_, mean_, less_, variance_, products_;
};

}  // namespace sseg
