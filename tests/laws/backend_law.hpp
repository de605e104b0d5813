#pragma once
#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/optim/sgd.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "support/catch.hpp"
#include "support/worse.hpp"

/// The law of a backend: a whole grown learner, the heads and the updates give the same as on the reference in double.
namespace backend_law {

using namespace sseg;

struct Result {
  std::vector<double> y, dw;
};

template <class B, class Net>
Result run(B& backend, const Net& net, Shape in, const ParamStore<double>& values, Mode mode) {
  using T = typename B::Scalar;
  auto store = make_store<T>(net, 0, Rng(1));
  std::copy(values.value.begin(), values.value.end(), store.value.begin());
  std::copy(values.state.begin(), values.state.end(), store.state.begin());
  store.move_to(memory_of(backend));
  Rng rng(3);
  std::vector<T> x(to_size(in.count())), dy(to_size(net.out_shape(in).count()));
  for (T& v : x) v = static_cast<T>(rng.normal());
  for (T& v : dy) v = static_cast<T>(rng.normal());
  Trace<T> trace;
  FromHost<T> bring_x, bring_dy;
  ToHost<T> fetch;
  const View<const T> there = bring_x(backend, View<const T>{x.data(), in});
  const auto y = trace.forward(backend, net, store, there, mode, false);
  const auto seen = fetch(backend, y).flat();
  Result r{{seen.begin(), seen.end()}, {}};
  trace.backward(backend, net, store, there, bring_dy(backend, View<const T>{dy.data(), y.shape}), false, mode);
  store.move_to(nullptr);
  r.dw.assign(store.grad.begin(), store.grad.end());
  return r;
}

inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = worse(worst, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(a[i]));
  }
  return worst / size;
}

template <class B>
void obeys_backend_law(B& backend, Shape in, Index channels) {
  auto cnn = SeedNetwork{.initial_channels = channels, .num_blocks = 2}.build({in[1], in[2], in[3]});
  residuals(stages(cnn)[0]).push_back(make_identity_block(channels));
  const auto net = make_learner(cnn, {in[1], in[2], in[3]}, 19, 7);
  auto values = make_store<double>(net, 0, Rng(5));
  Rng noise(6);  // no gamma stays 0, so that every gradient is in use
  for (double& v : values.value)
    v = static_cast<double>(static_cast<float>(v + 0.1 * static_cast<double>(noise.normal())));
  Reference<double> reference;
  for (const Mode mode : {Mode::train, Mode::eval}) {
    INFO(to_string(in) << ", " << channels << " channels");
    const Result want = run(reference, net, in, values, mode), got = run(backend, net, in, values, mode);
    CHECK(distance(want.y, got.y) < 2e-5);    // float rounding, through two batch norms
    CHECK(distance(want.dw, got.dw) < 2e-3);  // a pooled maximum may change its place in a near tie
  }
}

template <class B, class Head>
void runs_like_the_reference(B& backend, const Head& head, Shape in) {
  auto values = make_store<double>(head, 0, Rng(5));
  for (double& v : values.value) v = static_cast<double>(static_cast<float>(v));
  Reference<double> reference;
  INFO(to_string(in));
  const Result want = run(reference, head, in, values, Mode::train), got = run(backend, head, in, values, Mode::train);
  CHECK(distance(want.y, got.y) < 5e-6);
  CHECK(distance(want.dw, got.dw) < 5e-6);
}

/// Five updates of all weights by drawn gradients, some of them clipped, with a teacher that follows: both at the end.
template <class B, class O>
Result updated(B& backend, const O& optimizer) {
  using T = typename B::Scalar;
  const auto net =
      make_learner(SeedNetwork{.initial_channels = 9, .num_blocks = 2}.build({8, 8, 1}), {8, 8, 1}, 130, 7);
  auto store = make_store<T>(net, O::moments, Rng(1)), teacher = make_store<T>(net, 0, Rng(2));
  store.move_to(memory_of(backend));
  teacher.move_to(memory_of(backend));
  std::vector<T> gradient(to_size(store.grad.size()));
  for (Index step = 0; step < 5; ++step) {
    Rng rng = Rng(3).split(static_cast<std::uint64_t>(step));
    for (T& g : gradient) g = static_cast<T>(rng.normal());
    store.grad.upload(gradient);
    Clipped<O>{optimizer, {4.f}}.update(backend, store, 0.02f);
    EmaTeacher{.decay = 0.75f, .warm_up = false}.update(backend, store, teacher, {step, 5});
  }
  store.move_to(nullptr);
  teacher.move_to(nullptr);
  return {{store.value.begin(), store.value.end()}, {teacher.value.begin(), teacher.value.end()}};
}

template <class B>
void updates_like_the_reference(B& backend) {
  Reference<double> reference;
  const auto agree = [&](const auto& optimizer) {
    INFO(std::remove_cvref_t<decltype(optimizer)>::name);
    const Result want = updated(reference, optimizer), got = updated(backend, optimizer);
    CHECK(distance(want.y, got.y) < 2e-5);  // the draws themselves are rounded to float
    CHECK(distance(want.dw, got.dw) < 2e-5);
  };
  agree(Sgd{});
  agree(Sgd{.nesterov = true, .decay = 0.1f});
  agree(AdamW{});
}

}  // namespace backend_law
