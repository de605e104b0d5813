#pragma once
#include <algorithm>
#include <concepts>

#include "sseg/backend/cuda/kernel_list.hpp"
#include "sseg/backend/cuda/skip_where.hpp"
#include "sseg/backend/ops.hpp"

/// queue(device, operation): an operation as launches of kernels. `device` is anything with
///   launch<kernel::name>(blocks, arguments…)   queues a kernel
///   workspace(bytes)                           memory of the device until the next operation, aligned to 256 bytes
///   copy(to, from, bytes)                      between two places of the device
///   upload(to, from, bytes)                    from the host, which may change it afterwards
///   download(to, from, bytes)                  to the host; waits for all that was queued
///   changing(numbers)                          where kernels find numbers that the next step may have otherwise; null:
///                                              they are arguments
///   cohorts(bytes)                             on the device, the same bytes
///   skip()                                     SkipWhere, of updates
/// so that the same code drives a GPU and, in tests, the kernels' twins on the host.
namespace sseg::cuda {

/// Blocks that deal out `count` values, one a thread; beyond a limit each thread has several.
inline Index blocks_of(Index count) {
  constexpr Index most = 1 << 16;
  return std::min((count + threads_of_block - 1) / threads_of_block, most);
}
/// Blocks for `rows` rows, one each.
inline Index blocks_of_rows(Index rows) { return std::min<Index>(rows, 1 << 20); }

/// What a kernel is given as an argument beside `now`: the number, or 0 where it is found there.
struct NowOr {
  const float* now;
  float operator()(float number) const { return now == nullptr ? number : 0.f; }
};

template <class D, MapValue V>
void queue(D& d, const Copy<V>& a) {
  if (a.count == 0 || a.x == a.y) return;
  if constexpr (std::same_as<V, float>)
    if (d.skip().overflow != nullptr)
      return d.template launch<kernel::copy_values>(blocks_of(a.count), a.x, a.y, d.skip().overflow, a.count);
  d.copy(a.y, a.x, to_size(a.count) * sizeof(V));
}
/// Between float and short numbers, which kernels know by their bits.
template <class D, Storage S>
void queue(D& d, const Copy<ShortFloat<S>, float>& a) {
  d.template launch<kernel::narrow>(blocks_of(a.count), S == Storage::bf16 ? 1 : 0, a.x, nullptr,
                                    reinterpret_cast<unsigned short*>(a.y), a.count);
}
template <class D, Storage S>
void queue(D& d, const Copy<float, ShortFloat<S>>& a) {
  d.template launch<kernel::widen>(blocks_of(a.count), S == Storage::bf16 ? 1 : 0,
                                   reinterpret_cast<const unsigned short*>(a.x), nullptr, nullptr, a.y, a.count, 1);
}
template <class D>
void queue(D& d, const Fill<float>& a) {
  d.template launch<kernel::fill>(blocks_of(a.count), a.value, a.y, a.count);
}
template <class D, MapValue V>
void queue(D& d, const ReluForward<V>& a) {
  d.template launch<kernel::relu_forward_of<V>>(blocks_of(a.count), a.x, a.y, a.count);
}
template <class D, MapValue V>
void queue(D& d, const ReluBackward<V>& a) {
  d.template launch<kernel::relu_backward_of<V>>(blocks_of(a.count), a.y, a.dy, a.dx, a.count);
}
template <class D, MapValue V>
void queue(D& d, const GeluForward<V>& a) {
  d.template launch<kernel::gelu_forward_of<V>>(blocks_of(a.count), a.x, a.y, a.count);
}
template <class D, MapValue V>
void queue(D& d, const GeluBackward<V>& a) {
  d.template launch<kernel::gelu_backward_of<V>>(blocks_of(a.count), a.x, a.dy, a.dx, a.count);
}
template <class D, MapValue V>
void queue(D& d, const Add<V>& a) {
  d.template launch<kernel::add_of<V>>(blocks_of(a.count), a.a, a.b, a.y, a.count);
}
template <class D>
void queue(D& d, const Scale<float>& a) {
  const float* const now = d.changing({a.alpha});
  d.template launch<kernel::scale>(blocks_of(a.count), now, NowOr{now}(a.alpha), a.x, a.y, a.accumulate ? 1 : 0,
                                   a.count);
}
template <class D>
void queue(D& d, const AddBias<float>& a) {
  d.template launch<kernel::add_bias>(blocks_of(a.rows * a.cols), a.bias, a.y, a.rows, a.cols);
}
template <class D>
void queue(D& d, const MaskedCopy<float>& a) {
  d.template launch<kernel::masked_copy>(blocks_of(a.count), a.mask, a.bit, a.x, a.y, a.count);
}
template <class D>
void queue(D& d, const MaskedAdd<float>& a) {
  d.template launch<kernel::masked_add>(blocks_of(a.count), a.mask, a.bit, a.alpha, a.x, a.y, a.count);
}
template <class D>
void queue(D& d, const MaskedRefill<float>& a) {
  d.template launch<kernel::masked_refill>(blocks_of(a.count), a.mask, a.bit, a.x, a.y, a.count);
}
template <class D>
void queue(D& d, const ImportanceAverage<float>& a) {
  d.template launch<kernel::importance_average>(blocks_of(a.count), static_cast<int>(a.score), a.keep, a.g, a.w,
                                                a.average, a.count);
}
template <class D, MapValue Map>
void queue(D& d, const GlobalPoolForward<float, Map>& a) {
  d.template launch<kernel::global_pool_forward_of<Map>>(blocks_of(a.n * a.c), a.x, a.y, a.n, a.positions, a.c);
}
template <class D, MapValue Map>
void queue(D& d, const GlobalPoolBackward<float, Map>& a) {
  d.template launch<kernel::global_pool_backward_of<Map>>(blocks_of(a.n * a.positions * a.c), a.dy, a.dx, a.n,
                                                          a.positions, a.c);
}

}  // namespace sseg::cuda
