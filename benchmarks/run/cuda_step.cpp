// The training steps of bench_train_step on a GPU, beside the Cpu's: does the first loss agree, do the gradients, and
// how long does a step take. Prints one line a net and input, as Markdown; without a device the reason, and ends well.
//   bench_cuda_step [tf32]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "contrastive_net.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cuda.hpp"
#include "sseg/optim/adamw.hpp"

using namespace sseg;

namespace {

/// One net on one backend.
template <class B>
class Training {
 public:
  Training(B& backend, const std::string& net, const bench::Input& in)
      : backend_(backend),
        net_(bench::contrastive_net(net, in.channels)),
        store_(make_store<float>(net_, AdamW::moments, Rng(1))),
        views_(bench::noise_views(in, x_)) {
    store_.move_to(memory_of(backend));
  }
  double loss() { return step_.run(backend_, net_, store_, store_, views_, loss_, memory_, {}); }
  std::vector<float> gradient() const {
    std::vector<float> g(to_size(store_.grad.size()));
    store_.grad.download(g);
    return g;
  }
  void step() {
    loss();
    AdamW{}.update(backend_, store_, 1e-3f);
  }

 private:
  B& backend_;
  bench::ContrastiveNet net_;
  ParamStore<float> store_;
  Buffer<float> x_;
  ViewSet::Views views_;
  bench::ContrastiveLoss loss_ = bench::contrastive_loss();
  LossMemory<float> memory_;
  Step<float> step_;
};

/// Largest difference, of the largest gradient.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    most = d <= most ? most : d;  // a NaN stays
    size = std::max(size, std::abs(static_cast<double>(a[i])));
  }
  return most / size;
}

/// Milliseconds of a step, over a second and ten steps at least.
double milliseconds(Cuda& cuda, Training<Cuda>& training) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < 3; ++i) training.step();  // plans, workspace, clock rate
  cuda.wait();
  const auto begin = Clock::now();
  double passed = 0;
  int steps = 0;
  while (passed < 1000 || steps < 10) {
    for (int i = 0; i < 10; ++i) training.step();
    cuda.wait();
    steps += 10;
    passed = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  }
  return passed / steps;
}

void measure(Cuda& cuda, Cpu& cpu, const std::string& net, const std::string& input) {
  const bench::Input in = bench::inputs.at(input);
  Training<Cuda> there(cuda, net, in);
  Training<Cpu> here(cpu, net, in);
  const double loss = there.loss(), expected = here.loss(), apart = distance(here.gradient(), there.gradient());
  const double ms = milliseconds(cuda, there);
  std::printf("| %s | %s | %.5f | %.5f | %.1e | %.3f | %.0f |\n", net.c_str(), input.c_str(), expected, loss, apart, ms,
              static_cast<double>(in.images) / ms * 1000);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto probe = cuda::DeviceProbe::ask(); !probe) {
    std::printf("nothing measured: %s\n", probe.reason.c_str());
    return 0;
  }
  Cuda cuda({.tf32 = argc > 1 && std::string_view(argv[1]) == "tf32"});
  Cpu cpu;
  std::printf("%s\n\n| net | input | loss on the Cpu | on the device | gradients apart | ms a step | views/s |\n",
              cuda.arithmetic().c_str());
  std::printf("|---|---|---|---|---|---|---|\n");
  for (const auto& [net, widths] : bench::nets)
    for (const auto& [input, in] : bench::inputs) measure(cuda, cpu, net, input);
  return 0;
}
