#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

// The law of a backend: a whole grown learner gives the same outputs and gradients as on the reference in double.

using namespace sseg;

namespace {

struct Result {
  std::vector<double> y, dw;
};

template <class B>
Result run(B& backend, const Learner<>& net, Shape in, const ParamStore<double>& values, Mode mode) {
  using T = typename B::Scalar;
  auto store = make_store<T>(net, 0, Rng(1));
  std::copy(values.value.begin(), values.value.end(), store.value.begin());
  std::copy(values.state.begin(), values.state.end(), store.state.begin());
  Rng rng(3);
  std::vector<T> x(to_size(in.count())), dy(to_size(net.out_shape(in).count()));
  for (T& v : x) v = static_cast<T>(rng.normal());
  for (T& v : dy) v = static_cast<T>(rng.normal());
  Trace<T> trace;
  const auto y = trace.forward(backend, net, store, {x.data(), in}, mode, false);
  Result r{{y.data, y.data + y.shape.count()}, {}};
  trace.backward(backend, net, store, {x.data(), in}, {dy.data(), y.shape}, false, mode);
  r.dw.assign(store.grad.begin(), store.grad.end());
  return r;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]));
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

}  // namespace

TEST_CASE("Cpu obeys the backend law on whole learners of odd sizes") {
  Cpu cpu(2);
  obeys_backend_law(cpu, {5, 13, 11, 1}, 6);
  obeys_backend_law(cpu, {3, 17, 9, 3}, 17);
  obeys_backend_law(cpu, {2, 8, 29, 1}, 33);
}

TEST_CASE("Reference in float obeys the backend law") {
  Reference<float> reference;
  obeys_backend_law(reference, {4, 9, 10, 3}, 5);
}
