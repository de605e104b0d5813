#pragma once
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"

namespace law {

using sseg::Index;
using sseg::Mode;
using sseg::ParamStore;
using sseg::Reference;
using sseg::Rng;
using sseg::Shape;
using sseg::View;
using Oracle = Reference<double>;

/// Memory with canaries at both ends: a layer that touches what it did not ask for is caught.
class Fenced {
 public:
  explicit Fenced(Index n) : n_(n), data_(sseg::to_size(n + 2 * fence), canary) {
    std::fill(data_.begin() + fence, data_.end() - fence, std::numeric_limits<double>::quiet_NaN());
  }
  double* data() { return data_.data() + fence; }
  std::span<double> span() { return {data(), sseg::to_size(n_)}; }
  bool whole() const {
    for (Index i = 0; i < fence; ++i)
      if (data_[sseg::to_size(i)] != canary || data_[data_.size() - 1 - sseg::to_size(i)] != canary) return false;
    return true;
  }

 private:
  static constexpr Index fence = 16;
  static constexpr double canary = 12345.678;
  Index n_;
  std::vector<double> data_;
};

inline std::vector<double> random_values(Index n, Rng rng, double scale = 1) {
  std::vector<double> v(sseg::to_size(n));
  for (double& x : v) x = scale * static_cast<double>(rng.normal());
  return v;
}

/// One layer on one input, run in double with exactly the memory it asks for.
template <class L>
struct Bench {
  L layer;
  Shape in, out;
  Oracle backend;
  ParamStore<double> store;
  std::vector<double> x, weight;  // the loss is Σ weight·y, so dy = weight
  Mode mode;

  Bench(L l, Shape s, Mode m, Rng rng) : layer(l), in(s), out(l.out_shape(s)), mode(m) {
    store = sseg::make_store<double>(layer, 0, rng.split("store"));
    const auto noise = random_values(store.value.size(), rng.split("noise"), 0.3);
    for (Index i = 0; i < store.value.size(); ++i) store.value[i] += noise[sseg::to_size(i)];
    x = random_values(in.count(), rng.split("x"));
    weight = random_values(out.count(), rng.split("weight"));
  }

  double loss() {
    Fenced y(out.count()), keep(layer.keep(in)), scratch(layer.scratch(in));
    layer.forward(backend, forward(y, keep, scratch));
    return dot(y);
  }

  struct Gradients {
    double loss;
    std::vector<double> dx, dw;
  };
  /// dw starts at `already`, so that accumulation shows.
  Gradients gradients(double already) {
    Fenced y(out.count()), keep(layer.keep(in)), scratch(layer.scratch(in)), dx(in.count()), dw(layer.param_count());
    std::fill(dw.span().begin(), dw.span().end(), already);
    layer.forward(backend, forward(y, keep, scratch));
    const double value = dot(y);
    Fenced dirty(layer.scratch(in));  // backward may not rely on what forward left in scratch
    layer.backward(backend, sseg::Backward<double>{View<const double>{x.data(), in}, View<const double>{y.data(), out},
                                                   View<const double>{weight.data(), out}, View<double>{dx.data(), in},
                                                   store.value.span(), dw.span(), store.state.span(), keep.span(),
                                                   dirty.span(), mode});
    CHECK(y.whole());
    CHECK(keep.whole());
    CHECK(scratch.whole());
    CHECK(dirty.whole());
    CHECK(dx.whole());
    CHECK(dw.whole());
    return {value, {dx.span().begin(), dx.span().end()}, {dw.span().begin(), dw.span().end()}};
  }

 private:
  sseg::Forward<double> forward(Fenced& y, Fenced& keep, Fenced& scratch) {
    return {View<const double>{x.data(), in},
            View<double>{y.data(), out},
            store.value.span(),
            store.state.span(),
            {},
            keep.span(),
            scratch.span(),
            mode};
  }
  double dot(Fenced& y) {
    double sum = 0;
    for (Index i = 0; i < out.count(); ++i) sum += y.data()[i] * weight[sseg::to_size(i)];
    return sum;
  }
};

/// Central differences at up to `samples` places of `value`, against the analytic gradient.
template <class Loss, class Values>
void check_differences(Values&& value, Index count, const std::vector<double>& gradient, double already, Loss&& loss) {
  constexpr double step = 1e-5;
  const Index samples = 60, stride = std::max<Index>(1, count / samples);
  for (Index i = 0; i < count; i += stride) {
    double& v = value(i);
    const double before = v;
    v = before + step;
    const double up = loss();
    v = before - step;
    const double down = loss();
    v = before;
    const double numeric = (up - down) / (2 * step), analytic = gradient[sseg::to_size(i)] - already;
    INFO("element " << i << ": numeric " << numeric << ", analytic " << analytic);
    CHECK(std::abs(numeric - analytic) <= 1e-5 * (1 + std::abs(numeric)));
  }
}

/// The laws of concepts/layer.hpp for one layer and input.
template <class L>
void obeys_layer_law(const L& layer, Shape in, Mode mode = Mode::train, std::uint64_t seed = 1) {
  INFO(L::name << " on " << sseg::to_string(in));
  static_assert(sseg::Layer<L, Oracle>);
  std::vector<sseg::ParamDesc> list;
  layer.describe_params("net", list);
  Index params = 0, states = 0;
  for (const auto& d : list) (d.role == sseg::Role::param ? params : states) += d.shape.count();
  CHECK(params == layer.param_count());
  CHECK(states == layer.state_count());
  CHECK(L(layer) == layer);

  Bench<L> bench(layer, in, mode, Rng(seed));
  const double already = 0.25;
  const auto g = bench.gradients(already);
  CHECK(std::isfinite(g.loss));
  const auto loss = [&] { return bench.loss(); };
  check_differences([&](Index i) -> double& { return bench.x[sseg::to_size(i)]; }, in.count(), g.dx, 0, loss);
  check_differences([&](Index i) -> double& { return bench.store.value[i]; }, layer.param_count(), g.dw, already, loss);
}

}  // namespace law
