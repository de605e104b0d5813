#include <cmath>
#include <limits>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cpu/clip.hpp"
#include "sseg/backend/cpu/sgd.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"

namespace cpu_optimizers_test {

using namespace sseg;
using namespace oracle;

TEMPLATE_TEST_CASE_SIG("SGD agrees with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index count : {0, 1, 7, 17, 1000, 40001})
    for (bool nesterov : {false, true}) {
      INFO("count=" << count << " nesterov=" << nesterov << " lanes=" << Lanes);
      Guarded w(random(count, 1)), m(random(count, 2));
      const auto g = random(count, 3);
      auto wd = widen(w.values()), md = widen(m.values());
      const auto gd = widen(g);
      for (int step = 0; step < 3; ++step) {
        cpu::sgd_update<Lanes>(threads, {count, w.data(), g.data(), m.data(), 0.1f, 0.9f, 0.05f, nesterov});
        reference.run(SgdUpdate<double>{count, wd.data(), gd.data(), md.data(), double{0.1f}, double{0.9f},
                                        double{0.05f}, nesterov});
      }
      CHECK(distance(wd, w.values()) < 2 * few_roundings);
      CHECK(distance(md, m.values()) < 2 * few_roundings);
      CHECK((w.whole() && m.whole()));
    }
}

TEMPLATE_TEST_CASE_SIG("clipping agrees with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index count : {0, 1, 3, 8, 15, 17, 1000, 70001})
    for (float limit : {1e-3f, 0.7f, 1e6f}) {
      INFO("count=" << count << " limit=" << limit << " lanes=" << Lanes);
      const auto start = random(count, 1);
      Guarded g(start);
      auto gd = widen(start);
      Buffer<double> space(cpu::clip_space(count));
      double norm = -1, norm_d = -1;
      cpu::clip_norm<Lanes>(threads, {count, limit, g.data(), &norm}, space.data());
      reference.run(ClipNorm<double>{count, static_cast<double>(limit), gd.data(), &norm_d});
      double squares = 0;
      for (const float v : start) squares += static_cast<double>(v) * static_cast<double>(v);
      CHECK(norm == Approx(std::sqrt(squares)).epsilon(1e-12));
      CHECK(norm_d == Approx(norm).epsilon(1e-12));
      CHECK(distance(gd, g.values()) < few_roundings);
      CHECK(g.whole());
      if (squares <= static_cast<double>(limit) * static_cast<double>(limit)) CHECK(g.values() == start);
    }
}

TEST_CASE("a norm is the same for every width of vectors and any team, and does not overflow") {
  NEEDS_LANES(16);
  const auto start = random(70001, 5, -1e30f, 1e30f);  // squares beyond the largest float
  std::vector<float> first;
  double first_norm = 0;
  for (int count = 1; count <= 3; ++count) {
    Cpu cpu(count);
    auto g = start;
    double norm = 0;
    cpu.run(ClipNorm<float>{70001, 2.f, g.data(), &norm});
    if (count == 1) first = g, first_norm = norm;
    CHECK(norm == first_norm);
    CHECK(g == first);
    double squares = 0;
    for (const float v : g) squares += static_cast<double>(v) * static_cast<double>(v);
    CHECK(std::sqrt(squares) == Approx(2).epsilon(1e-5));
  }
}

TEST_CASE("a gradient that is not finite is reported and left alone") {
  Cpu cpu(1);
  Reference<float> reference;
  for (const float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const auto check = [&](auto&& backend) {
      float g[3] = {5, bad, -5};
      double norm = 0;
      backend.run(ClipNorm<float>{3, 1.f, g, &norm});
      CHECK_FALSE(std::isfinite(norm));
      CHECK(g[0] == 5.f);
      CHECK(g[2] == -5.f);
    };
    check(cpu);
    check(reference);
  }
}

}  // namespace cpu_optimizers_test
