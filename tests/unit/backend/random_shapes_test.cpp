#include <string>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "support/catch.hpp"

namespace random_shapes_test {

// Every height from 1 to 85 once, everything else drawn: the backend as a user calls it against the reference.

using namespace sseg;

namespace {

Index one_of(Rng& rng, std::initializer_list<Index> values) {
  return *(values.begin() + rng.below(static_cast<Index>(values.size())));
}

ConvGeometry draw_convolution(Index height, Rng& rng) {
  ConvGeometry g;
  do {
    const Index c = one_of(rng, {1, 3, 17, 33}), o = one_of(rng, {1, 3, 17, 33});
    g = {.n = 1 + rng.below(3),
         .h = height,
         .w = 1 + rng.below(20),
         .c = c,
         .o = o,
         .kernel = one_of(rng, {1, 3, 5}),
         .stride = 1 + rng.below(2),
         .pad = rng.below(3)};
  } while (g.h + 2 * g.pad < g.kernel || g.w + 2 * g.pad < g.kernel);
  return g;
}

}  // namespace

TEST_CASE("all three convolution passes agree with the reference on random shapes of every height") {
  Cpu cpu(2);
  Reference<double> reference;
  for (Index height = 1; height <= 85; ++height) {
    Rng rng = Rng(11).split(static_cast<std::uint64_t>(height));
    const ConvGeometry g = draw_convolution(height, rng);
    INFO("height " << height << ", width " << g.w << ", channels " << g.c << " to " << g.o << ", kernel " << g.kernel
                   << ", stride " << g.stride << ", pad " << g.pad << ", batch " << g.n);
    const auto x = oracle::random(g.in_count(), 1), w = oracle::random(g.weight_count(), 2),
               dy = oracle::random(g.out_count(), 3);
    const auto xd = oracle::widen(x), wd = oracle::widen(w), dyd = oracle::widen(dy);

    std::vector<float> y(to_size(g.out_count())), dx(x.size()), dw(w.size(), 0.5f);
    std::vector<double> yd(y.size()), dxd(dx.size()), dwd(dw.size(), 0.5);
    cpu.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, y.data()});
    reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), nullptr, yd.data()});
    cpu.run(Conv2dBackwardData<float>{g, dy.data(), w.data(), dx.data()});
    reference.run(Conv2dBackwardData<double>{g, dyd.data(), wd.data(), dxd.data()});
    cpu.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw.data(), nullptr});
    reference.run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dwd.data(), nullptr});
    // Sums of up to 5·5·33 (weights: 3·85·20) products of size 1, rounded to 2⁻²⁴ each.
    CHECK(oracle::distance(yd, y, 1) < 1e-5);
    CHECK(oracle::distance(dxd, dx, 1) < 1e-5);
    CHECK(oracle::distance(dwd, dw, 1) < 1e-5);
  }
}

TEST_CASE("fused norm, ReLU and pool agree with the reference on random shapes of every height") {
  Cpu cpu(2);
  Reference<double> reference;
  for (Index height = 1; height <= 85; ++height) {
    Rng rng = Rng(12).split(static_cast<std::uint64_t>(height));
    const Index pool = 1 + rng.below(std::min<Index>(3, height));
    const NormGeometry g{.n = 1 + rng.below(3),
                         .h = height,
                         .w = pool + rng.below(20),
                         .c = one_of(rng, {1, 3, 17, 33}),
                         .pool = pool,
                         .relu = rng.chance(0.7f)};
    INFO("height " << height << ", width " << g.w << ", channels " << g.c << ", pool " << pool << ", batch " << g.n);
    const auto x = oracle::coarse(g.in_count(), 1), dy = oracle::random(g.out_count(), 2);
    const std::vector<float> scale(to_size(g.c), 0.5f), shift(to_size(g.c), 0.25f), mean(to_size(g.c), 0.125f),
        inv_std(to_size(g.c), 2.f);
    const auto xd = oracle::widen(x), dyd = oracle::widen(dy), sd = oracle::widen(scale), hd = oracle::widen(shift),
               md = oracle::widen(mean), id = oracle::widen(inv_std);
    std::vector<float> y(to_size(g.out_count())), dx(x.size()), dgamma(to_size(g.c)), dbeta(to_size(g.c));
    std::vector<double> yd(y.size()), dxd(dx.size()), dgd(dgamma.size()), dbd(dbeta.size());
    cpu.run(NormReluPoolForward<float>{g, x.data(), scale.data(), shift.data(), y.data()});
    reference.run(NormReluPoolForward<double>{g, xd.data(), sd.data(), hd.data(), yd.data()});
    cpu.run(NormReluPoolBackward<float>{g, x.data(), mean.data(), inv_std.data(), scale.data(), shift.data(), dy.data(),
                                        dx.data(), dgamma.data(), dbeta.data(), true});
    reference.run(NormReluPoolBackward<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(), dyd.data(),
                                               dxd.data(), dgd.data(), dbd.data(), true});
    CHECK(oracle::distance(yd, y, 1) < 1e-6);
    CHECK(oracle::distance(dxd, dx, 1) < 1e-5);
    CHECK(oracle::distance(dgd, dgamma, static_cast<double>(g.n * g.h * g.w)) < 1e-6);
    CHECK(oracle::distance(dbd, dbeta, static_cast<double>(g.n * g.h * g.w)) < 1e-6);
  }
}

}  // namespace random_shapes_test
