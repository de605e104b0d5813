#pragma once
#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/concepts/mutation.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/evolve/patches_by_convolution.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/linear.hpp"

namespace sseg {

/// GradMax's matrix A of one stage (Evci et al. 2022): how the loss's gradient in the weights out of a new channel
/// would depend on the filter w into it. For a channel that averages its pool windows instead of taking their maximum,
/// without norm and ReLU,
///   ∂L/∂(outgoing weights) = A·w,   A = Σ dz·h̃ᵀ
/// with h̃ the patches of the stage's input that an entry filter sees, averaged over each pool window, and dz the loss's
/// gradient at the output of a layer that reads the stage. (The paper reads A off the gradient of an auxiliary
/// convolution of kernel k₁ + k₂ − 1; to attach the reader's own kernel to the patches gives the same matrix, and stays
/// exact at the border and under pooling.) One row for every outgoing weight of every reader; batches add up. Beside it
/// the covariance C of the patches: wᵀC·w is the variance that the filter's norm divides by.
template <class T>
class AuxiliaryGradient {
 public:
  AuxiliaryGradient() = default;
  /// The patches of x:(N,H,W,in), what a stage with this entry and pool reads. Call for every batch, before its
  /// readers.
  void read(const Conv2d& entry, Index pool, View<const T> x) {
    const Shape z = entry.out_shape(x.shape);
    cols_ = entry.kernel * entry.kernel * entry.in;
    map_ = {z[0], z[1] / pool, z[2] / pool, cols_};
    patches_.resize(map_.count());
    measure_patches(entry, x, z);
    T* out = patches_.data();
    for (Index n = 0; n < map_[0]; ++n)
      for (Index i = 0; i < map_[1]; ++i)
        for (Index j = 0; j < map_[2]; ++j, out += cols_)
          for (Index a = 0; a < pool * pool; ++a)
            add_patch(entry, x.item(n), i * pool + a / pool, j * pool + a % pool, T{1} / static_cast<T>(pool * pool),
                      out);
    there_patches_ = nullptr;
    next_row_ = 0;
  }

  /// The same where x lies where the backend's arrays do. Away from the host the patches stay there, and moments of
  /// them come over.
  template <class B>
  void read(B& backend, const Conv2d& entry, Index pool, View<const T> x) {
    if constexpr (HasMemory<B>) {
      const Index positions = entry.out_shape(x.shape).count() / entry.out;
      const View<const T> h = there_.averaged(backend, entry, pool, x);
      map_ = h.shape;
      cols_ = map_[3];
      there_patches_ = h.data;
      const auto m = there_.moments(backend, entry, x);
      sum_.resize(m.sum.size(), 0.0);
      products_.resize(m.products.size(), 0.0);
      std::transform(m.sum.begin(), m.sum.end(), sum_.begin(), sum_.begin(), std::plus<>{});
      std::transform(m.products.begin(), m.products.end(), products_.begin(), products_.begin(), std::plus<>{});
      positions_ += static_cast<double>(positions);
      next_row_ = 0;
    } else {
      read(entry, pool, x);
    }
  }

  /// A reader inside the backbone: the next stage's entry, or a residual branch's convolution. dz:(N,H',W',out) is the
  /// gradient at the convolution's output, before its norm. Readers come in the same order in every batch.
  template <class B>
  void add(B& backend, Conv2d reader, View<const T> dz) {
    reader.in = cols_;
    require(dz.shape == reader.out_shape(map_), "this gradient is not of the reader's output", "AuxiliaryGradient",
            "give the gradient at the convolution's output, for the batch whose patches were read");
    dw_.lie_in(memory_of(backend));
    dw_.resize(reader.param_count());
    dispatch(backend, Conv2dBackwardWeights<T>{reader.geometry(map_), patches(), dz.data, dw_.data(), nullptr});
    const T* const dw = to_host_(backend, View<const T>{dw_.data(), {dw_.size()}}).data;
    const Index taps = reader.kernel * reader.kernel;
    double* rows = next_rows(taps * reader.out);
    for (Index t = 0; t < taps; ++t)
      for (Index p = 0; p < cols_; ++p)
        for (Index o = 0; o < reader.out; ++o)
          rows[(t * reader.out + o) * cols_ + p] += static_cast<double>(dw[(t * cols_ + p) * reader.out + o]);
  }

  /// A head's entry behind the last stage of `width` channels. dz:(N,out) is the gradient at its output. It reads the
  /// map position by position (Flatten), or its mean (GlobalPool).
  void add(const Linear& reader, Index width, View<const T> dz) {
    const Index positions = map_[1] * map_[2], groups = groups_of(reader, width, dz);
    const double scale = groups == 1 ? 1 / static_cast<double>(positions) : 1;
    double* rows = next_rows(groups * reader.out);
    for (Index n = 0; n < map_[0]; ++n)
      for (Index q = 0; q < positions; ++q)
        for (Index o = 0; o < reader.out; ++o) {
          const double g = static_cast<double>(dz.data[n * reader.out + o]) * scale;
          const T* patch = patches_.data() + (n * positions + q) * cols_;
          double* row = rows + ((groups == 1 ? 0 : q) * reader.out + o) * cols_;
          for (Index p = 0; p < cols_; ++p) row[p] += g * static_cast<double>(patch[p]);
        }
  }

  /// The same where dz lies where the backend's arrays do.
  template <class B>
  void add(B& backend, const Linear& reader, Index width, View<const T> dz) {
    if constexpr (HasMemory<B>)
      add_there(backend, reader, width, dz);
    else
      add(reader, width, dz);
  }

  /// A:(outgoing weights, kernel·kernel·in), columns in the order of a filter in memory; null while no reader is known.
  View<const double> matrix() const {
    return {a_.data(), {cols_ > 0 ? static_cast<Index>(a_.size()) / cols_ : 0, cols_}};
  }
  /// f(span) for all that batches add up to: several processes, each with its part of a batch, add theirs.
  template <class F>
  void each_sum(F&& f) {
    f(std::span<double>(a_));
    f(std::span<double>(sum_));
    f(std::span<double>(products_));
    f(std::span<double>(&positions_, 1));
  }
  /// A and C for Signals::auxiliary, valid until the next call.
  AuxiliaryView view() {
    covariance_.resize(products_.size());
    for (Index p = 0; p < cols_; ++p)
      for (Index q = 0; q < cols_; ++q)
        covariance_[to_size(p * cols_ + q)] =
            (products_[to_size(p * cols_ + q)] - sum_[to_size(p)] * sum_[to_size(q)] / positions_) / positions_;
    return {matrix(), {covariance_.data(), {cols_, cols_}}};
  }

  /// Gives back the space for tensors; what they have added up to stays.
  void drop_tensors() {
    there_ = {};
    there_patches_ = nullptr;
    for (Buffer<T>* b : {&patches_, &dw_, &pooled_}) *b = {};
  }

 private:
  const T* patches() const { return there_patches_ != nullptr ? there_patches_ : patches_.data(); }

  /// Rows of the map that the reader tells apart: all, or 1 for their mean.
  Index groups_of(const Linear& reader, Index width, View<const T> dz) const {
    const Index positions = map_[1] * map_[2], groups = reader.in / width;
    require(dz.shape == Shape({map_[0], reader.out}) && (groups == positions || groups == 1),
            "this gradient is not of the reader's output", "AuxiliaryGradient",
            "give the gradient at the entry's output, for the batch whose patches were read");
    return groups;
  }
  template <class B>
  void add_there(B& backend, const Linear& reader, Index width, View<const T> dz) {
    const Index images = map_[0], positions = map_[1] * map_[2], groups = groups_of(reader, width, dz);
    const T* h = patches();
    if (groups == 1) {
      reserve_for(backend, pooled_, images * cols_);
      dispatch(backend, GlobalPoolForward<T>{images, positions, cols_, h, pooled_.data()});
      h = pooled_.data();
    }
    const Index count = groups * cols_;
    reserve_for(backend, dw_, count * reader.out);
    dispatch(backend, Gemm<T>{count, reader.out, images, T{1}, h, true, dz.data, false, dw_.data(), false});
    const T* const dw = to_host_(backend, View<const T>{dw_.data(), {count * reader.out}}).data;
    double* const rows = next_rows(groups * reader.out);
    for (Index q = 0; q < groups; ++q)
      for (Index p = 0; p < cols_; ++p)
        for (Index o = 0; o < reader.out; ++o)
          rows[(q * reader.out + o) * cols_ + p] += static_cast<double>(dw[(q * cols_ + p) * reader.out + o]);
  }

  /// Sums and products of the patches at every position of the entry's output, pooled or not.
  void measure_patches(const Conv2d& entry, View<const T> x, Shape z) {
    sum_.resize(to_size(cols_), 0.0);
    products_.resize(to_size(cols_ * cols_), 0.0);
    std::vector<T> patch(to_size(cols_));
    for (Index i = 0; i < z[0] * z[1] * z[2]; ++i) {
      std::fill(patch.begin(), patch.end(), T{});
      add_patch(entry, x.item(i / (z[1] * z[2])), i / z[2] % z[1], i % z[2], T{1}, patch.data());
      for (Index p = 0; p < cols_; ++p) {
        const auto value = static_cast<double>(patch[to_size(p)]);
        sum_[to_size(p)] += value;
        for (Index q = 0; q < cols_; ++q)
          products_[to_size(p * cols_ + q)] += value * static_cast<double>(patch[to_size(q)]);
      }
    }
    positions_ += static_cast<double>(z[0] * z[1] * z[2]);
  }
  void add_patch(const Conv2d& c, View<const T> image, Index i, Index j, T scale, T* out) const {
    for (Index u = 0; u < c.kernel; ++u)
      for (Index v = 0; v < c.kernel; ++v, out += c.in) {
        const Index y = i * c.stride + u - c.pad, x = j * c.stride + v - c.pad;
        if (y < 0 || x < 0 || y >= image.shape[0] || x >= image.shape[1]) continue;
        const T* pixel = image.data + (y * image.shape[1] + x) * c.in;
        for (Index k = 0; k < c.in; ++k) out[k] += scale * pixel[k];
      }
  }
  double* next_rows(Index rows) {
    const Index begin = next_row_;
    next_row_ += rows;
    if (static_cast<Index>(a_.size()) < next_row_ * cols_) a_.resize(to_size(next_row_ * cols_), 0.0);
    return a_.data() + begin * cols_;
  }

  Index cols_ = 0, next_row_ = 0;
  Shape map_;
  Buffer<T> patches_, dw_, pooled_;
  PatchesByConvolution<T> there_;
  const T* there_patches_ = nullptr;  ///< in it, away from the host
  ToHost<T> to_host_;
  double positions_ = 0;
  std::vector<double> a_, sum_, products_, covariance_;
};

}  // namespace sseg
