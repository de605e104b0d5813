#include "sseg/backend/cpu/elementwise.hpp"

#include <cmath>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu/adamw.hpp"
#include "sseg/backend/cpu/cross_entropy.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"
#include "support/worse.hpp"

namespace cpu_elementwise_test {

using namespace sseg;
using namespace oracle;

TEMPLATE_TEST_CASE_SIG("element-wise operations agree with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index count : {0, 1, 3, 15, 16, 17, 1000, 70001}) {
    INFO("count=" << count << " lanes=" << Lanes);
    const auto a = random(count, 1), b = random(count, 2);
    const auto ad = widen(a), bd = widen(b);
    Guarded y(count);
    std::vector<double> yd(to_size(count));
    cpu::relu_forward<Lanes>(threads, {count, a.data(), y.data()});
    reference.run(ReluForward<double>{count, ad.data(), yd.data()});
    CHECK(distance(yd, y.values()) == 0);
    cpu::relu_backward<Lanes>(threads, {count, a.data(), b.data(), y.data()});
    reference.run(ReluBackward<double>{count, ad.data(), bd.data(), yd.data()});
    CHECK(distance(yd, y.values()) == 0);
    cpu::add<Lanes>(threads, {count, a.data(), b.data(), y.data()});
    reference.run(Add<double>{count, ad.data(), bd.data(), yd.data()});
    CHECK(distance(yd, y.values()) < few_roundings);
    for (const bool accumulate : {false, true}) {
      cpu::scale<Lanes>(threads, {count, -0.3f, a.data(), y.data(), accumulate});
      reference.run(Scale<double>{count, -0.3, ad.data(), yd.data(), accumulate});
      CHECK(distance(yd, y.values()) < few_roundings);
    }
    Guarded target(b), same(a);
    std::vector<double> target_d(bd);
    cpu::ema_update<Lanes>(threads, {count, 0.75f, a.data(), target.data()});
    reference.run(EmaUpdate<double>{count, 0.75, ad.data(), target_d.data()});
    CHECK(distance(target_d, target.values()) < few_roundings);
    cpu::relu_forward<Lanes>(threads, {count, same.data(), same.data()});  // y may be x
    reference.run(ReluForward<double>{count, ad.data(), yd.data()});
    CHECK(distance(yd, same.values()) == 0);
    CHECK((y.whole() && target.whole() && same.whole()));
  }
}

TEMPLATE_TEST_CASE_SIG("AdamW agrees with the reference, cohorts included", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index count : {1, 17, 1000, 40001})
    for (bool cohorts : {false, true}) {
      INFO("count=" << count << " cohorts=" << cohorts << " lanes=" << Lanes);
      Guarded w(random(count, 1)), m(random(count, 2)), v(random(count, 3, 0, 1));
      auto g = random(count, 4);
      g[0] = 0;
      auto wd = widen(w.values()), md = widen(m.values()), vd = widen(v.values());
      const auto gd = widen(g);
      const AdamCorrection corrections[3]{{0.1, 0.001}, {0.5, 0.2}, {1, 1}};
      std::vector<std::uint8_t> cohort(to_size(count));
      for (std::size_t i = 0; i < cohort.size(); ++i) cohort[i] = static_cast<std::uint8_t>(i / 37 % 3);
      const auto* of = cohorts ? cohort.data() : nullptr;
      cpu::adamw_update<Lanes>(
          threads, {count, w.data(), g.data(), m.data(), v.data(), 0.01f, 0.9f, 0.999f, 1e-8f, 0.05f, corrections, of});
      // The rates as the float kernel sees them, so that only its own rounding shows.
      reference.run(AdamWUpdate<double>{count, wd.data(), gd.data(), md.data(), vd.data(), 0.01f, 0.9f, 0.999f, 1e-8f,
                                        0.05f, corrections, of});
      CHECK(distance(wd, w.values()) < few_roundings);
      CHECK(distance(md, m.values()) < few_roundings);
      CHECK(distance(vd, v.values()) < few_roundings);
      CHECK((w.whole() && m.whole() && v.whole()));
    }
}

TEMPLATE_TEST_CASE_SIG("the vector square root", "", ((int Lanes), Lanes), 1, 4, 8, 16) {
  NEEDS_LANES(Lanes);
  for (float start : {0.f, 1e-40f, 1e-30f, 1e-12f, 0.3f, 1.f, 3.9f, 1e20f, 3e38f}) {
    cpu::Vec<Lanes> v = start + cpu::Vec<Lanes>{};
    cpu::sqrt_in_place<Lanes>(v);
    float lane[Lanes];
    cpu::at<Lanes>(lane).v = v;
    const double exact = std::sqrt(static_cast<double>(start));
    CHECK(std::abs(static_cast<double>(lane[0]) - exact) <= 3e-7 * exact + 1e-18);
  }
}

TEMPLATE_TEST_CASE_SIG("the vector exponential", "", ((int Lanes), Lanes), 1, 4, 8, 16) {
  NEEDS_LANES(Lanes);
  double worst = 0;
  for (int i = -87 * 64; i <= 88 * 64; ++i) {
    const float x = static_cast<float>(i) / 64 + (i < 88 * 64 && i > -87 * 64 ? 0.0037f : 0.f);
    cpu::Vec<Lanes> v = x + cpu::Vec<Lanes>{};
    cpu::exp_in_place<Lanes>(v);
    float lane[Lanes];
    cpu::at<Lanes>(lane).v = v;
    const double exact = std::exp(static_cast<double>(x));
    worst = worse(worst, std::abs(static_cast<double>(lane[Lanes - 1]) / exact - 1));
  }
  CHECK(worst < 3e-7);
  for (float low : {-88.f, -1000.f, -std::numeric_limits<float>::infinity()}) {
    cpu::Vec<Lanes> v = low + cpu::Vec<Lanes>{};
    cpu::exp_in_place<Lanes>(v);
    CHECK(cpu::sum_lanes<Lanes>(v) == 0);
  }
}

TEMPLATE_TEST_CASE_SIG("off-diagonal cross-entropy agrees with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index rows : {2, 3, 17, 33, 130})
    for (float size : {1.f, 30.f}) {
      INFO("rows=" << rows << " size=" << size << " lanes=" << Lanes);
      const auto start = random(rows * rows, 1, -size, size);
      std::vector<Index> target(to_size(rows));
      for (Index r = 0; r < rows; ++r) target[to_size(r)] = (r + 1 + r % std::max<Index>(rows - 1, 1)) % rows;
      for (Index r = 0; r < rows; ++r)
        if (target[to_size(r)] == r) target[to_size(r)] = (r + 1) % rows;
      Guarded s(start);
      auto sd = widen(start);
      double loss = 0, expected = 0;
      Buffer<double> space(rows);
      cpu::cross_entropy<Lanes>(threads, {rows, rows, 0, s.data(), target.data(), &loss}, space.data());
      reference.run(OffDiagonalCrossEntropy<double>{rows, rows, 0, sd.data(), target.data(), &expected});
      // exp's argument is rounded at magnitude `size`: that relative error goes into each probability.
      CHECK(distance(sd, s.values()) < 1e-6 + 2e-7 * static_cast<double>(size));
      CHECK(loss == Approx(expected).epsilon(2e-6));
      CHECK(s.whole());
      for (Index r = 0; r < rows; ++r) CHECK(s.data()[r * rows + r] == 0);
      // The last rows alone: their share of the loss, and the same gradient.
      const Index first = rows / 3, count = rows - first;
      Guarded last(std::vector<float>(start.begin() + first * rows, start.end()));
      auto last_d = widen(std::vector<float>(start.begin() + first * rows, start.end()));
      cpu::cross_entropy<Lanes>(threads, {count, rows, first, last.data(), target.data(), &loss}, space.data());
      reference.run(OffDiagonalCrossEntropy<double>{count, rows, first, last_d.data(), target.data(), &expected});
      CHECK(last.values() == std::vector<float>(s.data() + first * rows, s.data() + rows * rows));
      CHECK(last_d == std::vector<double>(sd.begin() + first * rows, sd.end()));
      CHECK(loss == Approx(expected).epsilon(2e-6));
      CHECK(last.whole());
    }
}

}  // namespace cpu_elementwise_test
