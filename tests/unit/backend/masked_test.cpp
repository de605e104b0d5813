#include <array>
#include <cmath>
#include <vector>

#include "cuda_host_device.hpp"
#include "sseg/backend/cpu.hpp"

namespace masked_test {

// Operations on a path: the Cpu's, the reference's, and CUDA's by their twins, against the formula, exactly.

using namespace sseg;
using namespace oracle;

namespace {

template <class B>
void keeps_to_the_path(B&& backend) {
  for (const Index count : {1, 255, 256, 1001})
    for (const auto bit : std::array<std::uint8_t, 3>{1, 2, 3}) {
      INFO(count << " values, bits " << static_cast<int>(bit));
      const auto x = coarse(count, 1), start = coarse(count, 2);
      std::vector<std::uint8_t> mask(to_size(count));
      for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint8_t>(1 + i % 3);
      Guarded copied(start), added(start), refilled(start);
      backend.run(MaskedCopy<float>{count, mask.data(), bit, x.data(), copied.data()});
      backend.run(MaskedAdd<float>{count, mask.data(), bit, 0.5f, x.data(), added.data()});
      backend.run(MaskedRefill<float>{count, mask.data(), bit, x.data(), refilled.data()});
      const auto c = copied.values(), a = added.values(), r = refilled.values();
      for (std::size_t i = 0; i < mask.size(); ++i) {
        const bool on = (mask[i] & bit) != 0;
        CHECK(c[i] == (on ? x[i] : 0));
        CHECK(a[i] == (on ? start[i] + 0.5f * x[i] : start[i]));
        CHECK(r[i] == (on ? start[i] : x[i]));
      }
      CHECK((copied.whole() && added.whole() && refilled.whole()));
    }
}

}  // namespace

TEST_CASE("Importances are averaged by each of their scores") {
  const auto averages = [](auto&& backend) {
    for (const Index count : {1, 255, 256, 1001})
      for (const auto score : {ImportanceScore::gradient, ImportanceScore::taylor, ImportanceScore::magnitude}) {
        INFO(count << " values, score " << static_cast<int>(score));
        const auto g = coarse(count, 1), w = coarse(count, 2), start = coarse(count, 3);
        Guarded average(start);
        backend.run(ImportanceAverage<float>{count, score, 0.75f, g.data(), w.data(), average.data()});
        const auto got = average.values();
        for (std::size_t i = 0; i < got.size(); ++i) {
          const float s = score == ImportanceScore::taylor     ? g[i] * w[i] * g[i] * w[i]
                          : score == ImportanceScore::gradient ? std::abs(g[i])
                                                               : std::abs(w[i]);
          CHECK(got[i] == Approx(0.75f * start[i] + 0.25f * s).margin(1e-6));
        }
        CHECK(average.whole());
      }
  };
  averages(Cpu(2));
  averages(Reference<float>());
  averages(ByCudaTwins());
}

TEST_CASE("Masked operations keep to their path") {
  keeps_to_the_path(Cpu(2));
  keeps_to_the_path(Reference<float>());
  keeps_to_the_path(ByCudaTwins());
}

}  // namespace masked_test
