#include <algorithm>
#include <vector>

#include "backend_law.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/onednn.hpp"
#include "sseg/backend/prefer.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"
#include "support/catch.hpp"

namespace onednn_test {

// One instruction set of the Cpu is enough beside oneDNN, and quicker to compile.

using namespace sseg;
using namespace backend_law;

namespace {

using OneCpu = BasicCpu<4>;
using OneDnnFirst = Prefer<OneDnn, OneCpu>;
using OneDnnLast = Prefer<OneCpu, OneDnn>;

template <class Both>
Both both_of(int threads) {
  return Both(std::piecewise_construct, std::tuple(threads), std::tuple(threads));
}

struct StepResult {
  double loss;
  std::vector<double> gradient, weights;
};

/// Two training steps of a small learner by contrast.
template <class B>
StepResult two_steps(B& backend) {
  const auto loss = objective(task(NtXent{0.5f}));
  auto cnn = SeedNetwork{.initial_channels = 9, .num_blocks = 2}.build({13, 11, 3});
  const auto net = make_learner(std::move(cnn), {13, 11, 3}, loss);
  auto store = make_store<float>(net, Sgd::moments, Rng(1));
  std::vector<float> x(8 * 13 * 11 * 3);
  Rng rng(2);
  for (float& v : x) v = rng.normal();
  const ViewSet::Views views{{x.data(), {8, 13, 11, 3}}, {}, {}, 4};
  LossMemory<float> memory;
  Step<float> step;
  StepResult result;
  for (int i = 0; i < 2; ++i) {
    result.loss = step.run(backend, net, store, store, views, loss, memory, {});
    result.gradient.assign(store.grad.begin(), store.grad.end());
    Sgd{}.update(backend, store, 1e-2f);
  }
  result.weights.assign(store.value.begin(), store.value.end());
  return result;
}

}  // namespace

TEST_CASE("OneDnn with the Cpu behind it obeys the backend law") {
  auto backend = both_of<OneDnnFirst>(2);
  obeys_backend_law(backend, {5, 13, 11, 1}, 6);
  obeys_backend_law(backend, {3, 17, 9, 3}, 17);
  runs_like_the_reference(backend, projection_head(37, 45, 19), {29, 37});
  runs_like_the_reference(backend, dino_head(37, 45, 19, 53), {29, 37});
  updates_like_the_reference(backend);
}

TEST_CASE("a training step on OneDnn, the rest on the Cpu, is the Cpu's within rounding, and the rest is counted") {
  OneCpu cpu(2);
  auto backend = both_of<OneDnnFirst>(2);
  const StepResult want = two_steps(cpu), got = two_steps(backend);
  CHECK(got.loss == Approx(want.loss).epsilon(1e-5));
  CHECK(distance(want.gradient, got.gradient) < 1e-4);
  CHECK(distance(want.weights, got.weights) < 1e-6);
  const Index fallbacks = backend.fallbacks();
  CHECK(fallbacks > 0);
  two_steps(backend);
  CHECK(backend.fallbacks() == 2 * fallbacks);
}

TEST_CASE("with OneDnn behind the Cpu nothing falls back, and the bits are the Cpu's") {
  OneCpu cpu(2);
  auto backend = both_of<OneDnnLast>(2);
  const StepResult want = two_steps(cpu), got = two_steps(backend);
  CHECK(got.loss == want.loss);
  CHECK(got.gradient == want.gradient);
  CHECK(got.weights == want.weights);
  CHECK(backend.fallbacks() == 0);
}

}  // namespace onednn_test
