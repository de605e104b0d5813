// The arithmetic of the double: obvious loops over dense values, channels innermost.
#include "cuda/double/cudnn_compute.hpp"

#include <algorithm>

#include "cuda/double/number.hpp"

namespace cuda_double {
namespace {

/// (N, H, W, C) of an image, (K, R, S, C) of weights.
using Values = std::vector<float>;

/// f(offset in the tensor, index in Values)
template <class F>
void each(const Tensor& t, const F& f) {
  std::size_t i = 0;
  for (std::int64_t n = 0; n < t.dims[0]; ++n)
    for (std::int64_t h = 0; h < t.dims[2]; ++h)
      for (std::int64_t w = 0; w < t.dims[3]; ++w)
        for (std::int64_t c = 0; c < t.dims[1]; ++c)
          f(n * t.strides[0] + c * t.strides[1] + h * t.strides[2] + w * t.strides[3], i++);
}

float load(const void* from, std::int64_t i, cudnnDataType_t type) {
  if (type == CUDNN_DATA_FLOAT) return static_cast<const float*>(from)[i];
  const std::uint16_t bits = static_cast<const std::uint16_t*>(from)[i];
  return type == CUDNN_DATA_HALF ? from_f16(bits) : from_bf16(bits);
}

void store(void* to, std::int64_t i, cudnnDataType_t type, float v) {
  if (type == CUDNN_DATA_FLOAT)
    static_cast<float*>(to)[i] = v;
  else
    static_cast<std::uint16_t*>(to)[i] = type == CUDNN_DATA_HALF ? to_f16(v) : to_bf16(v);
}

Values read(const Tensor& t, const void* from) {
  Values v(t.count());
  each(t, [&](std::int64_t offset, std::size_t i) { v[i] = load(from, offset, t.type); });
  return v;
}

void write(const Tensor& t, void* to, const Values& v) {
  each(t, [&](std::int64_t offset, std::size_t i) { store(to, offset, t.type, v[i]); });
}

/// Calls f(x, w, y) with the places of the C channels of a pixel, of a row of weights, and of one output value, for all
/// triples that a convolution joins.
template <class F>
void each_product(const Convolution& c, const F& f) {
  const auto &x = c.image.dims, &w = c.weights.dims, &y = c.out.dims;
  for (std::int64_t n = 0; n < y[0]; ++n)
    for (std::int64_t i = 0; i < y[2]; ++i)
      for (std::int64_t j = 0; j < y[3]; ++j)
        for (std::int64_t r = 0; r < w[2]; ++r)
          for (std::int64_t s = 0; s < w[3]; ++s) {
            const std::int64_t a = i * c.stride[0] - c.pad[0] + r * c.dilation[0];
            const std::int64_t b = j * c.stride[1] - c.pad[1] + s * c.dilation[1];
            if (a < 0 || a >= x[2] || b < 0 || b >= x[3]) continue;
            const std::int64_t pixel = ((n * x[2] + a) * x[3] + b) * x[1], place = ((n * y[2] + i) * y[3] + j) * y[1];
            for (std::int64_t k = 0; k < w[0]; ++k)
              f(static_cast<std::size_t>(pixel), static_cast<std::size_t>(((k * w[2] + r) * w[3] + s) * w[1]),
                static_cast<std::size_t>(place + k));
          }
}

Values convolve(const Convolution& c, const Values& a, const Values& b) {
  const auto channels = static_cast<std::size_t>(c.image.dims[1]);
  std::vector<double> sum(c.result().count());
  switch (c.pass) {
    case Pass::forward:  // a: image, b: weights
      each_product(c, [&](std::size_t x, std::size_t w, std::size_t y) {
        double dot = 0;
        for (std::size_t q = 0; q < channels; ++q) dot += static_cast<double>(a[x + q]) * b[w + q];
        sum[y] += dot;
      });
      break;
    case Pass::backward_data:  // a: gradient of the output, b: weights
      each_product(c, [&](std::size_t x, std::size_t w, std::size_t y) {
        for (std::size_t q = 0; q < channels; ++q) sum[x + q] += static_cast<double>(a[y]) * b[w + q];
      });
      break;
    case Pass::backward_weights:  // a: image, b: gradient of the output
      each_product(c, [&](std::size_t x, std::size_t w, std::size_t y) {
        for (std::size_t q = 0; q < channels; ++q) sum[w + q] += static_cast<double>(b[y]) * a[x + q];
      });
      break;
  }
  return {sum.begin(), sum.end()};
}

Values pointwise(const Pointwise& p, const Values& x, const Values& b) {
  Values y(x.size());
  each(p.y, [&](std::int64_t, std::size_t i) {
    if (p.mode == CUDNN_POINTWISE_RELU_FWD) y[i] = x[i] < 0 ? 0.f : x[i];
  });
  if (!p.b) return y;
  Tensor place = *p.b;  // strides of the dense values of b, and 0 where it is spread out
  const std::array<std::int64_t, 4>& d = p.b->dims;
  place.strides = {d[2] * d[3] * d[1], 1, d[3] * d[1], d[1]};
  for (std::size_t i = 0; i < 4; ++i) {
    if (d[i] == 1) place.strides[i] = 0;
    place.dims[i] = p.x.dims[i];
  }
  each(place, [&](std::int64_t offset, std::size_t i) {
    const float other = b[static_cast<std::size_t>(offset)];
    y[i] = p.mode == CUDNN_POINTWISE_ADD ? x[i] + other : x[i] * other;
  });
  return y;
}

}  // namespace

void Computation::run() const {
  std::map<std::int64_t, Values> between;
  const auto values = [&](const Tensor& t) {
    Values v = t.between ? between.at(t.id) : read(t, at.at(t.id));
    if (tf32) std::transform(v.begin(), v.end(), v.begin(), to_tf32);
    return v;
  };
  for (const Node& node : nodes) {
    const std::vector<Tensor> in = inputs(node);
    const Tensor& out = output(node);
    Values result;
    if (const auto* const c = std::get_if<Convolution>(&node)) {
      result = convolve(*c, values(in[0]), values(in[1]));
      for (float& v : result) v *= c->alpha;
      if (c->beta != 0) {
        const Values old = read(out, at.at(out.id));
        for (std::size_t i = 0; i < old.size(); ++i) result[i] += c->beta * old[i];
      }
    } else {
      result = pointwise(std::get<Pointwise>(node), values(in[0]), in.size() > 1 ? values(in[1]) : Values{});
    }
    if (out.between)
      between[out.id] = std::move(result);
    else
      write(out, at.at(out.id), result);
  }
}

}  // namespace cuda_double
