/// Operations that stand for several: the same results as one after the other.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/prefer.hpp"
#include "support/lanes.hpp"

namespace cpu_joint_test {

using namespace sseg;

namespace {

using EverySet = BasicCpu<16, 8>;

/// Every set with its joint operations: 4 lanes have them where no wider ones are beside them.
template <class F>
void on_every_set(F&& f) {
  on_every_cpu<EverySet>(f);
  on_every_cpu<BasicCpu<4>>(f);
}

struct Case {
  ConvGeometry conv;
  Index pool;
  bool relu;

  NormGeometry norm() const { return {conv.n, conv.out_h(), conv.out_w(), conv.o, pool, relu}; }
};

/// Ways of convolving (direct, tiles of 2 and of 4), pools that divide tiles and that do not, odd sizes, several bands,
/// several images together.
std::vector<Case> cases() {
  return {{{2, 13, 11, 33, 40, 3, 1, 1}, 2, true}, {{3, 12, 12, 16, 17, 3, 1, 1}, 1, false},
          {{2, 13, 11, 33, 40, 3, 1, 1}, 3, true}, {{2, 15, 9, 1, 33, 3, 1, 1}, 2, true},
          {{1, 85, 84, 3, 32, 3, 1, 1}, 2, true},  {{1, 85, 84, 3, 20, 3, 1, 1}, 3, false},
          {{9, 2, 2, 64, 64, 3, 1, 1}, 2, true},   {{2, 9, 9, 8, 8, 5, 2, 2}, 2, true},
          {{2, 8, 8, 24, 24, 1, 1, 0}, 4, true},   {{30, 8, 8, 32, 32, 3, 1, 1}, 4, true},
          {{1, 3, 3, 5, 6, 3, 1, 1}, 4, true},     {{250, 5, 5, 3, 20, 3, 1, 1}, 2, true}};
}

std::string text(const Case& c) {
  return std::to_string(c.conv.h) + "x" + std::to_string(c.conv.w) + ", " + std::to_string(c.conv.c) + " to " +
         std::to_string(c.conv.o) + ", kernel " + std::to_string(c.conv.kernel) + ", pool " + std::to_string(c.pool);
}

}  // namespace

TEST_CASE("a convolution with its moments agrees with the reference") {
  for (const Case& c : cases()) {
    INFO(text(c));
    const ConvGeometry& g = c.conv;
    const auto x = oracle::random(g.in_count(), 1, 2, 3);  // a mean far from 0
    const auto w = oracle::random(g.weight_count(), 2), bias = oracle::random(g.o, 3);
    const auto xd = oracle::widen(x), wd = oracle::widen(w), bd = oracle::widen(bias);
    std::vector<double> yd(to_size(g.out_count())), md(to_size(g.o)), vd(to_size(g.o));
    Reference<double> reference;
    reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), bd.data(), yd.data()});
    reference.run(ColumnMoments<double>{g.n * g.out_h() * g.out_w(), g.o, yd.data(), md.data(), vd.data()});
    on_every_set([&](auto& cpu) {
      oracle::Guarded y(g.out_count()), mean(g.o), var(g.o);
      cpu.run(Conv2dMoments<float>{{g, x.data(), w.data(), bias.data(), y.data()}, mean.data(), var.data()});
      CHECK(oracle::distance(yd, y.values()) < 8 * oracle::sum_tolerance(g.kernel * g.kernel * g.c));
      CHECK(oracle::distance(md, mean.values()) < 1e-5);
      CHECK(oracle::distance(vd, var.values()) < 1e-4);
      CHECK((y.whole() && mean.whole() && var.whole()));
    });
  }
}

TEST_CASE("a convolution with its moments finds what a norm will pool") {
  for (const Case& c : cases()) {
    INFO(text(c));
    const ConvGeometry& g = c.conv;
    const NormGeometry n = c.norm(), after{n.n, n.out_h(), n.out_w(), n.c, 1, n.relu};
    const auto x = oracle::random(g.in_count(), 1), w = oracle::random(g.weight_count(), 2);
    const auto scale = oracle::random(g.o, 3), shift = oracle::random(g.o, 4);  // the sign of gamma is that of scale
    on_every_set([&](auto& cpu) {
      std::vector<float> map(to_size(g.out_count())), mean(to_size(g.o)), var(to_size(g.o)), y(to_size(n.out_count()));
      oracle::Guarded pooled(n.out_count());
      const Conv2dForward<float> conv{g, x.data(), w.data(), nullptr, map.data()};
      const Conv2dMoments<float> op{conv, mean.data(), var.data(), c.pool, scale.data(), pooled.data()};
      const auto way = [&](Index align) {
        return cpu::choose_way(cpu::Correlation::forward(g), cpu.lanes(),
                               cpu.arithmetic().find("Winograd") != std::string::npos, align);
      };
      REQUIRE(cpu.can(op) == (way(c.pool) == way(1)));  // windows must not be cut by tiles
      if (!cpu.can(op)) return;
      cpu.run(op);
      cpu.run(NormReluPoolForward<float>{n, map.data(), scale.data(), shift.data(), y.data()});
      cpu.run(NormReluPoolForward<float>{after, pooled.data(), scale.data(), shift.data(), pooled.data()});
      CHECK(pooled.values() == y);
      CHECK(pooled.whole());
    });
  }
}

TEST_CASE("moments keep their digits where nearly all of a map is equal and its middle is not") {
  // Drawings: blank paper, a little ink, some of it in the very middle.
  const ConvGeometry g{4, 84, 84, 1, 32, 3, 1, 1};
  std::vector<float> x(to_size(g.in_count()), 1.f);
  Rng rng(7);
  for (Index i = 0; i < 60; ++i) x[to_size(rng.below(g.in_count()))] = 0;
  for (Index i = 40; i < 45; ++i)
    for (Index j = 40; j < 45; ++j) x[to_size(i * 84 + j)] = 0;
  const auto w = oracle::random(g.weight_count(), 2);
  const auto xd = oracle::widen(x), wd = oracle::widen(w);
  std::vector<double> yd(to_size(g.out_count())), md(to_size(g.o)), vd(to_size(g.o));
  Reference<double> reference;
  reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), nullptr, yd.data()});
  reference.run(ColumnMoments<double>{g.n * g.h * g.w, g.o, yd.data(), md.data(), vd.data()});
  on_every_set([&](auto& cpu) {
    std::vector<float> y(yd.size()), mean(md.size()), var(vd.size());
    cpu.run(Conv2dMoments<float>{{g, x.data(), w.data(), nullptr, y.data()}, mean.data(), var.data()});
    for (std::size_t c = 0; c < vd.size(); ++c) {
      CHECK(std::abs(static_cast<double>(var[c]) / vd[c] - 1) < 1e-5);
      CHECK(std::abs(static_cast<double>(mean[c]) - md[c]) < 1e-6 * std::sqrt(vd[c]) + 1e-6 * std::abs(md[c]));
    }
  });
}

TEST_CASE("a convolution into norm, ReLU and pool gives the bits of one after the other") {
  for (const Case& c : cases()) {
    INFO(text(c));
    const ConvGeometry& g = c.conv;
    const NormGeometry n = c.norm();
    const auto x = oracle::random(g.in_count(), 1), w = oracle::random(g.weight_count(), 2);
    const auto scale = oracle::random(g.o, 3), shift = oracle::random(g.o, 4);
    on_every_set([&](auto& cpu) {
      std::vector<float> map(to_size(g.out_count()));
      oracle::Guarded y(n.out_count()), joint(n.out_count());
      cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, map.data()});
      cpu.run(NormReluPoolForward<float>{n, map.data(), scale.data(), shift.data(), y.data()});
      cpu.run(Conv2dNormReluPool<float>{{g, x.data(), w.data(), nullptr, map.data()},
                                        {n, map.data(), scale.data(), shift.data(), joint.data()}});
      CHECK(joint.values() == y.values());
      CHECK(joint.whole());
    });
  }
}

TEST_CASE("a weight gradient through norm, ReLU and pool agrees with one after the other") {
  for (const Case& c : cases()) {
    INFO(text(c));
    const ConvGeometry& g = c.conv;
    const NormGeometry n = c.norm();
    const auto x = oracle::random(g.in_count(), 1), map = oracle::coarse(g.out_count(), 2);
    const auto dy = oracle::random(n.out_count(), 3), start = oracle::random(g.weight_count(), 4);
    const std::vector<float> mean(to_size(g.o), 0.125f), inv_std(to_size(g.o), 2.f), scale(to_size(g.o), 0.5f),
        shift(to_size(g.o), 0.25f);
    for (const bool batch : {true, false})
      on_every_set([&](auto& cpu) {
        std::vector<float> between(map.size()), dgamma(to_size(g.o), 1.f), dbeta(to_size(g.o), 2.f);
        std::vector<float> joint_dgamma = dgamma, joint_dbeta = dbeta, dw = start;
        NormReluPoolBackward<float> norm{
            n,         map.data(),     mean.data(),   inv_std.data(), scale.data(), shift.data(),
            dy.data(), between.data(), dgamma.data(), dbeta.data(),   batch};
        cpu.run(norm);
        cpu.run(Conv2dBackwardWeights<float>{g, x.data(), between.data(), dw.data(), nullptr});
        norm.dx = nullptr;
        norm.dgamma = joint_dgamma.data();
        norm.dbeta = joint_dbeta.data();
        oracle::Guarded joint(start);
        const NormConv2dBackwardWeights<float> op{norm, {g, x.data(), nullptr, joint.data(), nullptr}};
        cpu.run(op);  // even where the single ones are faster by Winograd's algorithm
        CHECK(cpu.can(op) ==
              (cpu::choose_weights_way(cpu::Correlation::forward(g), cpu.lanes(), true) == cpu::ConvWay::direct ||
               cpu.arithmetic().find("Winograd") == std::string::npos));
        CHECK(oracle::distance(oracle::widen(dw), joint.values()) <
              8 * oracle::sum_tolerance(g.n * g.out_h() * g.out_w()));
        CHECK(joint.whole());
        CHECK(joint_dgamma == dgamma);
        CHECK(joint_dbeta == dbeta);
      });
  }
}

TEST_CASE("AdamW with the average of its weights gives the bits of one after the other") {
  for (const Index count : {1, 17, 1000, 40001})
    for (const bool cohorts : {false, true})
      on_every_set([&](auto& cpu) {
        INFO("count " << count << ", cohorts " << cohorts);
        const AdamCorrection corrections[2]{{0.1, 0.001}, {0.5, 0.2}};
        std::vector<std::uint8_t> cohort(to_size(count));
        for (std::size_t i = 0; i < cohort.size(); ++i) cohort[i] = static_cast<std::uint8_t>(i / 37 % 2);
        const auto g = oracle::random(count, 4);
        const auto update = [&](oracle::Guarded& w, oracle::Guarded& m, oracle::Guarded& v) {
          return AdamWUpdate<float>{count,    w.data(), g.data(),    m.data(),
                                    v.data(), 0.01f,    0.9f,        0.999f,
                                    1e-8f,    0.05f,    corrections, cohorts ? cohort.data() : nullptr};
        };
        oracle::Guarded w(oracle::random(count, 1)), m(oracle::random(count, 2)), v(oracle::random(count, 3, 0, 1));
        oracle::Guarded joint_w(w.values()), joint_m(m.values()), joint_v(v.values());
        oracle::Guarded average(oracle::random(count, 5)), joint_average(average.values());
        cpu.run(update(w, m, v));
        cpu.run(EmaUpdate<float>{count, 0.99f, w.data(), average.data()});
        cpu.run(AdamWAverageUpdate<float>{update(joint_w, joint_m, joint_v), 0.99f, joint_average.data()});
        CHECK((joint_w.values() == w.values() && joint_m.values() == m.values() && joint_v.values() == v.values()));
        CHECK(joint_average.values() == average.values());
        CHECK((joint_w.whole() && joint_m.whole() && joint_v.whole() && joint_average.whole()));
      });
}

TEST_CASE("a window's gradient has one taker, whatever is in it") {
  for (const Index pool : {1, 2, 3, 4}) {
    const NormGeometry n{2, 12, 12, 33, pool, false};
    const auto x = oracle::random(n.in_count(), 1), scale = oracle::random(n.c, 2, 0.2f, 2),
               shift = oracle::random(n.c, 3);
    const std::vector<float> zeros(to_size(n.c)), dy(to_size(n.out_count()), 1.f);
    on_every_set([&](auto& cpu) {
      std::vector<float> dx(x.size()), dgamma(to_size(n.c)), dbeta(to_size(n.c));
      cpu.run(NormReluPoolBackward<float>{n, x.data(), zeros.data(), zeros.data(), scale.data(), shift.data(),
                                          dy.data(), dx.data(), dgamma.data(), dbeta.data(), false});
      Index takers = 0;
      for (const float v : dx) takers += v != 0;
      CHECK(takers == n.out_count());
    });
  }
}

TEST_CASE("what is not finite goes to the input that was pooled, and to no other") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  struct Window {
    float x[4], dy, dx[4];
  };
  const Window windows[] = {{{9, 2, 1, 3}, inf, {inf, 0, 0, 0}}, {{1, 9, 2, 3}, inf, {0, inf, 0, 0}},
                            {{1, 2, 9, 3}, inf, {0, 0, inf, 0}}, {{1, 2, 3, 9}, -inf, {0, 0, 0, -inf}},
                            {{1, 2, nan, 3}, 1, {0, 0, 0, 1}},   {{1, nan, 2, 1}, 1, {0, 0, 1, 0}},
                            {{nan, 2, 1, 3}, 1, {0, 0, 0, 0}}};
  const float one = 1, zero = 0;
  for (const Window& window : windows)
    on_every_set([&](auto& cpu) {
      for (const Index c : {1, 33}) {
        const auto each = [&](const float* from, Index count) {
          std::vector<float> all;
          for (Index i = 0; i < count; ++i) all.insert(all.end(), to_size(c), from[i]);
          return all;
        };
        const NormGeometry g{1, 2, 2, c, 2, true};
        const auto x = each(window.x, 4), dy = each(&window.dy, 1), ones = each(&one, 1), zeros = each(&zero, 1);
        std::vector<float> dx(x.size()), dgamma(to_size(c)), dbeta(to_size(c));
        cpu.run(NormReluPoolBackward<float>{g, x.data(), zeros.data(), ones.data(), ones.data(), zeros.data(),
                                            dy.data(), dx.data(), dgamma.data(), dbeta.data(), false});
        const auto expected = each(window.dx, 4);
        for (std::size_t i = 0; i < dx.size(); ++i)
          if (std::isfinite(x[i])) CHECK(dx[i] == expected[i]);
      }
    });
}

TEST_CASE("a preferred backend without joint operations keeps its single ones") {
  static_assert(Serves<EverySet, Conv2dMoments<float>>);
  static_assert(Serves<Prefer<EverySet, Reference<float>>, Conv2dMoments<float>>);
  static_assert(!Serves<Prefer<Reference<float>, EverySet>, Conv2dMoments<float>>);
  static_assert(!Serves<Reference<float>, Conv2dNormReluPool<float>>);
  SUCCEED();
}

}  // namespace cpu_joint_test
