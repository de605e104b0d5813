#pragma once
#include <vector>

#include "sseg/concepts/layer.hpp"

namespace sseg {

/// The shape a tensor has in files: convolution weights (kernel, kernel, in, out) become (out, in, kernel, kernel), the
/// order of PyTorch and ONNX; everything else stays.
inline std::vector<Index> file_shape(const ParamDesc& d) {
  if (d.layout == Layout::hwio) return {d.shape[3], d.shape[2], d.shape[0], d.shape[1]};
  return {d.shape.extent.begin(), d.shape.extent.begin() + d.shape.rank};
}

namespace detail {

/// Calls f(position in memory, position in the file) for every element.
template <class F>
void each_file_position(const ParamDesc& d, F&& f) {
  if (d.layout == Layout::plain) {
    for (Index i = 0; i < d.shape.count(); ++i) f(i, i);
    return;
  }
  const Index taps = d.shape[0] * d.shape[1], in = d.shape[2], out = d.shape[3];
  for (Index t = 0; t < taps; ++t)
    for (Index c = 0; c < in; ++c)
      for (Index o = 0; o < out; ++o) f((t * in + c) * out + o, (o * in + c) * taps + t);
}

}  // namespace detail

/// Elements in file order.
template <class T>
std::vector<T> to_file_order(const ParamDesc& d, const T* memory) {
  std::vector<T> file(to_size(d.shape.count()));
  detail::each_file_position(d, [&](Index m, Index p) { file[to_size(p)] = memory[m]; });
  return file;
}
/// And back.
template <class T>
void from_file_order(const ParamDesc& d, const std::vector<T>& file, T* memory) {
  detail::each_file_position(d, [&](Index m, Index p) { memory[m] = file[to_size(p)]; });
}

}  // namespace sseg
