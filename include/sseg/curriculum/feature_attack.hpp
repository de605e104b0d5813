#pragma once
#include <algorithm>
#include <cmath>
#include <utility>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// How far and how long a picture is changed; in units of its values.
struct FeatureAttackConfig {
  float epsilon = 8.f / 255;    ///< no value changes by more
  float step_size = 2.f / 255;  ///< a step changes every value by this
  Index steps = 6;
  bool operator==(const FeatureAttackConfig&) const = default;

  /// Throws: Error naming what makes no sense.
  void check() const {
    require(epsilon >= 0 && epsilon <= 1 && step_size > 0 && step_size <= 1 && steps >= 0,
            "the sizes of the attack make no sense", "FeatureAttackConfig",
            "give 0 <= epsilon <= 1, 0 < step_size <= 1 and no negative number of steps");
  }
};

/// Changes pictures against a given net, without labels: each away from its own features, by projected gradient ascent
/// from a random start (Madry et al., ICLR 2018) on
///   D(x') = 1 - cos(f(x'), f(x)),   x' ← Π( x' + step_size·sign(∂D/∂x') ),   Π: |x' - x| <= epsilon and 0 <= x' <= 1.
/// f in evaluation mode: pictures do not depend on each other. Keeps the net and its parameters. f and its gradient are
/// the backend's, wherever its arrays lie; pictures, draws and steps are the host's.
template <class Net, class T>
class FeatureAttack {
 public:
  FeatureAttack(Net net, ParamStore<T> store, FeatureAttackConfig config = {})
      : net_(std::move(net)), store_(std::move(store)), config_(config) {
    config_.check();
  }

  /// x:(N, H, W, C), changed in place; the start of row i is drawn from `rng` and `first` + i.
  template <class B>
  void run(B& backend, View<T> x, const Rng& rng, Index first = 0) {
    store_.move_to(memory_of(backend));
    const Index one = x.shape.count() / x.shape[0];
    clean_.reserve_at_least(x.shape.count());
    std::copy_n(x.data, x.shape.count(), clean_.data());
    const View<const T> y = features_(backend, trace_.infer(backend, net_, store_, pictures_(backend, as_const(x))));
    const Index dim = y.shape.count() / x.shape[0];
    target_.reserve_at_least(y.shape.count());
    gradient_.reserve_at_least(y.shape.count());
    std::copy_n(y.data, y.shape.count(), target_.data());
    for (Index i = 0; i < x.shape[0]; ++i)
      start(rng.split(static_cast<std::uint64_t>(first + i)), one, i * one, x.data);
    for (Index step = 0; step < config_.steps; ++step) {
      const View<const T> pictures = pictures_(backend, as_const(x));
      const View<const T> z = features_(backend, trace_.forward(backend, net_, store_, pictures, Mode::eval, false));
      for (Index i = 0; i < x.shape[0]; ++i)
        away(dim, z.data + i * dim, target_.data() + i * dim, gradient_.data() + i * dim);
      const View<const T> dz = slopes_(backend, View<const T>{gradient_.data(), z.shape});
      const View<const T> dx =
          changes_(backend, trace_.backward(backend, net_, store_, pictures, dz, true, Mode::eval));
      for (Index i = 0; i < x.shape.count(); ++i) {
        const T sign = dx.data[i] > 0 ? T{1} : dx.data[i] < 0 ? T{-1} : T{0};
        x.data[i] = held(x.data[i] + static_cast<T>(config_.step_size) * sign, clean_[i]);
      }
    }
    store_.zero_grad();
  }

 private:
  void start(Rng draw, Index count, Index offset, T* x) const {
    for (Index i = offset; i < offset + count; ++i)
      x[i] = held(x[i] + static_cast<T>(draw.uniform(-config_.epsilon, config_.epsilon)), clean_[i]);
  }
  T held(T x, T clean) const {
    const T epsilon = static_cast<T>(config_.epsilon);
    return std::clamp(std::clamp(x, clean - epsilon, clean + epsilon), T{0}, T{1});
  }
  static View<const T> as_const(View<T> x) { return {x.data, x.shape}; }
  /// d = ∂(1 - cos(z, t))/∂z; zero where one of them is.
  static void away(Index dim, const T* z, const T* t, T* d) {
    T zz{}, tt{}, zt{};
    for (Index j = 0; j < dim; ++j) zz += z[j] * z[j], tt += t[j] * t[j], zt += z[j] * t[j];
    std::fill_n(d, dim, T{});
    if (!(zz > 0 && tt > 0)) return;
    const T length = std::sqrt(zz), per_t = 1 / (std::sqrt(tt) * length), cosine = zt * per_t;
    for (Index j = 0; j < dim; ++j) d[j] = cosine * z[j] / zz - t[j] * per_t;
  }

  Net net_;
  ParamStore<T> store_;
  FeatureAttackConfig config_;
  Trace<T> trace_;
  FromHost<T> pictures_, slopes_;
  ToHost<T> features_, changes_;
  Buffer<T> clean_, target_, gradient_;
};

}  // namespace sseg

SSEG_FIELDS(sseg::FeatureAttackConfig, epsilon, step_size, steps);
