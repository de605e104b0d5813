// small_step EXPECTED: one training step of a small net on every instruction set that this CPU has, against the
// reference in double, and the name of the set that Cpu chooses, which must be EXPECTED ("any": whichever). For
// emulated CPUs: no test framework, and quick.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "support/worse.hpp"

using namespace sseg;

namespace {

struct Gradients {
  std::vector<double> y, dw;
};

template <class B>
Gradients step(B& backend) {
  using T = typename B::Scalar;
  const Shape in{2, 12, 12, 3};
  const auto net = SeedNetwork{.initial_channels = 17, .num_blocks = 2}.build({12, 12, 3});
  const auto start = make_store<float>(net, 0, Rng(1));
  auto store = make_store<T>(net, 0, Rng(1));
  std::copy(start.value.begin(), start.value.end(), store.value.begin());
  Rng rng(2);
  std::vector<T> x(to_size(in.count())), dy(to_size(net.out_shape(in).count()));
  for (T& v : x) v = static_cast<T>(rng.uniform(-1, 1));
  for (T& v : dy) v = static_cast<T>(rng.uniform(-1, 1));
  Trace<T> trace;
  const auto y = trace.forward(backend, net, store, {x.data(), in}, Mode::train, false);
  Gradients g{{y.data, y.data + y.shape.count()}, {}};
  trace.backward(backend, net, store, {x.data(), in}, {dy.data(), y.shape}, false, Mode::train);
  g.dw.assign(store.grad.begin(), store.grad.end());
  return g;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = worse(worst, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(a[i]));
  }
  return worst / size;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view expected = argc > 1 ? argv[1] : "any", chosen = Cpu(1).instruction_set();
  std::printf("Cpu chooses %s\n", chosen.data());
  bool ok = expected == "any" || expected == chosen;
  Reference<double> reference;
  const Gradients want = step(reference);
  for (const int lanes : {4, 8, 16}) {
    if (!Cpu::has(lanes)) continue;
    Cpu cpu(CpuOptions{.threads = 2, .lanes = lanes});
    const Gradients got = step(cpu);
    const double y = distance(want.y, got.y), dw = distance(want.dw, got.dw);
    std::printf("%2d lanes: y differs by %.1e, gradients by %.1e\n", lanes, y, dw);
    ok = ok && y < 2e-5 && dw < 2e-3;
  }
  std::puts(ok ? "as it should be" : "NOT as it should be");
  return ok ? 0 : 1;
}
