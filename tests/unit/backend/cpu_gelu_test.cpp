#include "sseg/backend/cpu/gelu.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "oracle.hpp"
#include "support/lanes.hpp"
#include "support/worse.hpp"

namespace cpu_gelu_test {

using namespace sseg;
using namespace oracle;

namespace {

double phi(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }
double below(double x) { return 0.5 * (1 + std::erf(x / std::numbers::sqrt2)); }

/// A grid so fine that every bend of the polynomial shows, and numbers far outside.
std::vector<float> grid() {
  std::vector<float> x;
  for (int i = -16000; i <= 16000; ++i) x.push_back(static_cast<float>(i) / 1600 + (i % 7 == 0 ? 1e-4f : 0.f));
  for (const float far : {-1e30f, -1000.f, -40.f, -14.f, -0.f, 1e-30f, 14.f, 40.f, 1000.f, 1e30f}) x.push_back(far);
  return x;
}

}  // namespace

TEST_CASE("the reference's GELU is the formula's") {
  Reference<double> reference;
  for (const double x : {-6.0, -2.5, -1.0, -0.1, 0.0, 0.3, 1.0, 4.0}) {
    double y = 0, dx = 0;
    const double dy = 1.5;
    reference.run(GeluForward<double>{1, &x, &y});
    reference.run(GeluBackward<double>{1, &x, &dy, &dx});
    CHECK(y == Approx(x * below(x)).epsilon(1e-12).margin(1e-15));
    CHECK(dx == Approx(1.5 * (below(x) + x * phi(x))).epsilon(1e-12).margin(1e-15));
  }
}

TEMPLATE_TEST_CASE_SIG("GELU keeps its error bound", "", ((int Lanes), Lanes), 1, 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  const auto x = grid();
  const auto count = static_cast<Index>(x.size());
  const auto xd = widen(x);
  Guarded y(count), dx(std::vector<float>(x.size(), 1.f));
  std::vector<double> yd(x.size()), dxd(x.size()), one(x.size(), 1.0);
  cpu::gelu_forward<Lanes>(threads, {count, x.data(), y.data()});
  cpu::gelu_backward<Lanes>(threads, {count, x.data(), dx.data(), dx.data()});  // dx may be dy
  reference.run(GeluForward<double>{count, xd.data(), yd.data()});
  reference.run(GeluBackward<double>{count, xd.data(), one.data(), dxd.data()});
  double worst = 0, worst_slope = 0;
  const auto values = y.values(), slopes = dx.values();
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = worse(worst, std::abs(static_cast<double>(values[i]) - yd[i]) / std::max(1.0, std::abs(xd[i])));
    worst_slope = worse(worst_slope, std::abs(static_cast<double>(slopes[i]) - dxd[i]));
  }
  CHECK(worst < 2e-7);
  CHECK(worst_slope < 4e-7);
  CHECK((y.whole() && dx.whole()));
}

TEMPLATE_TEST_CASE_SIG("GELU of every length agrees with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (Index count : {0, 1, 3, 15, 16, 17, 1000, 70001}) {
    const auto x = random(count, 1, -4, 4), dy = random(count, 2);
    const auto xd = widen(x), dyd = widen(dy);
    Guarded y(count), dx(count);
    std::vector<double> yd(x.size()), dxd(x.size());
    cpu::gelu_forward<Lanes>(threads, {count, x.data(), y.data()});
    cpu::gelu_backward<Lanes>(threads, {count, x.data(), dy.data(), dx.data()});
    reference.run(GeluForward<double>{count, xd.data(), yd.data()});
    reference.run(GeluBackward<double>{count, xd.data(), dyd.data(), dxd.data()});
    CHECK(distance(yd, y.values(), 1) < few_roundings);
    CHECK(distance(dxd, dx.values(), 1) < few_roundings);
    CHECK((y.whole() && dx.whole()));
  }
}

}  // namespace cpu_gelu_test
