#include <cmath>
#include <limits>
#include <vector>

#include "cuda_host_device.hpp"
#include "sseg/backend/cuda/queue_loss_scale.hpp"
#include "support/catch.hpp"

namespace cuda_loss_scale_test {

using namespace sseg;
using namespace oracle;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

/// The counts as the device has them.
std::vector<double> counts_of(const LossScale& s) {
  const LossScale::Counts& c = s.counts();
  return {static_cast<double>(c.value), static_cast<double>(c.good), static_cast<double>(c.skipped)};
}

}  // namespace

TEST_CASE("CUDA kernels keep a loss scale up as the host does") {
  CudaHostDevice device;
  for (const LossScaleConfig& c :
       {LossScaleConfig{.first = 8, .least = 1, .most = 32, .patience = 3},
        LossScaleConfig{.first = 2, .least = 2, .most = 2, .patience = 1},
        LossScaleConfig{.first = 0x1p127f, .least = 0x1p-3f, .most = 0x1p127f, .patience = 2}}) {
    LossScale host(c);
    auto there = counts_of(host);
    Rng rng(5);
    for (int step = 0; step < 300; ++step) {
      const bool good = rng.uniform() < (step < 150 ? 0.8 : 0.3);
      const Index count = 5000;
      std::vector<float> g = random(count, 1);
      const float factor = host.value();
      const bool nan = step % 2 == 0;
      for (float& x : g) x = std::ldexp(x, std::ilogb(factor) - 4);
      if (!good) g[to_size(step * 16)] = nan ? std::numeric_limits<float>::quiet_NaN() : -infinite;
      const auto before = g;
      double overflow = -1;
      cuda::queue(device, UnscaleGradients<float>{count, g.data(), &overflow}, there.data(), c);
      CHECK(overflow == (good ? 0 : host.is_least() ? 2 : 1));
      host.observe(good);
      CHECK(there == counts_of(host));
      if (good) CHECK(g[17] * factor == before[17]);
    }
  }
}

TEST_CASE("CUDA kernels put a loss scale in with a weight") {
  CudaHostDevice device;
  const std::vector<double> scale{1024, 0, 0};
  for (int i = 0; i < 3; ++i) {  // the weight as an argument, and where it changes
    std::vector<float> dz = random(1000, 2);
    const auto before = dz;
    cuda::queue(device, ScaleLoss<float>{1000, 0.3f, dz.data()}, scale.data());
    for (std::size_t k = 0; k < dz.size(); ++k) REQUIRE(dz[k] == 0.3f * 1024 * before[k]);
  }
}

TEST_CASE("CUDA kernels skip every update and copy where gradients have overflowed, and nothing else") {
  for (const double overflow : {0.0, 1.0, 2.0})
    for (const bool cohorts : {false, true}) {
      CudaHostDevice skipping, always;
      float missed = 0;
      skipping.where = {&overflow, &missed};
      const Index count = 300;
      const auto g = random(count, 1), start = random(count, 2, 0, 1);
      std::vector<std::uint8_t> cohort(to_size(count), 0);
      cohort[7] = 1;
      const std::vector<AdamCorrection> corrections{{1 - 0.75, 1 - 0.5, 1}, {1 - 0.75 * 0.75, 1 - 0.5 * 0.5, 2}};
      const auto all = [&](CudaHostDevice& device) {
        std::vector<std::vector<float>> a(7, start);
        const AdamWUpdate<float> adam{count,       a[0].data(), g.data(),    a[1].data(),
                                      a[2].data(), 0.1f,        0.75f,       0.5f,
                                      1e-8f,       0.1f,        corrections, cohorts ? cohort.data() : nullptr};
        cuda::queue(device, adam);
        cuda::queue(device, AdamWAverageUpdate<float>{adam, 0.5f, a[3].data()});
        cuda::queue(device, SgdUpdate<float>{count, a[4].data(), g.data(), a[5].data(), 0.1f, 0.5f, 0.1f, true});
        cuda::queue(device, EmaUpdate<float>{count, 0.25f, g.data(), a[6].data()});
        auto copied = start;
        cuda::queue(device, Copy<float>{count, g.data(), copied.data()});
        a.push_back(copied);
        return a;
      };
      for (int i = 0; i < 3; ++i) {  // numbers as arguments, and where they change
        const auto got = all(skipping), want = all(always);
        for (std::size_t k = 0; k < got.size(); ++k) {
          INFO(k << ", overflow " << overflow << ", cohorts " << cohorts);
          CHECK(got[k] == (overflow == 0 ? want[k] : start));
          CHECK(want[k] != start);
        }
        (void)all(skipping), (void)all(skipping);  // at another place of changing()
      }
    }
}

TEST_CASE("CUDA kernels correct AdamW by the age less the updates that were missed") {
  const double none = 0;
  for (const bool cohorts : {false, true})
    for (int turn = 0; turn < 3; ++turn) {
      CudaHostDevice skipping, always;
      float missed = 3;
      skipping.where = {&none, &missed};
      const Index count = 40;
      const auto g = random(count, 1);
      std::vector<std::uint8_t> cohort(to_size(count), 0);
      cohort[7] = 1;
      const auto of = [](Index age) {
        const auto t = static_cast<double>(age);
        return AdamCorrection{1 - std::pow(static_cast<double>(0.9f), t), 1 - std::pow(static_cast<double>(0.999f), t),
                              age};
      };
      const auto weights = [&](CudaHostDevice& device, Index old, Index young) {
        const std::vector<AdamCorrection> corrections{of(old), of(young)};
        std::vector<float> w(to_size(count), 1.f), m(to_size(count), 0.f), v = m;
        for (int i = 0; i <= turn; ++i)
          cuda::queue(device, AdamWUpdate<float>{count, w.data(), g.data(), m.data(), v.data(), 0.1f, 0.9f, 0.999f,
                                                 1e-8f, 0.f, corrections, cohorts ? cohort.data() : nullptr});
        return w;
      };
      CHECK(weights(skipping, 10, 4) == weights(always, 7, 1));
    }
}

}  // namespace cuda_loss_scale_test
