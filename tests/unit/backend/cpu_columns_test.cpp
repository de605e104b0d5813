#include "sseg/backend/cpu/columns.hpp"

#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu/elementwise.hpp"
#include "sseg/backend/cpu/rows.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"
#include "support/worse.hpp"

namespace cpu_columns_test {

using namespace sseg;
using namespace oracle;

namespace {

struct Extent {
  Index rows, cols;
};
std::vector<Extent> extents() {
  std::vector<Extent> all;
  for (Index cols : {1, 3, 16, 17, 33, 64, 200})
    for (Index rows : {1, 2, 63, 65, 1000}) all.push_back({rows, cols});
  all.push_back({30000, 5});
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("column moments and sums agree with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (const auto& [rows, cols] : extents())
    for (float centre : {0.f, 100.f}) {
      INFO("rows=" << rows << " cols=" << cols << " centre=" << centre << " lanes=" << Lanes);
      const auto x = random(rows * cols, 1, centre - 1, centre + 1), start = random(cols, 2);
      const auto xd = widen(x);
      Buffer<double> space(cpu::column_sums(rows, cols, 2).space());
      Guarded mean(cols), var(cols), sum(start);
      std::vector<double> expected_mean(to_size(cols)), expected_var(to_size(cols)), expected_sum = widen(start);
      cpu::column_moments<Lanes>(threads, {rows, cols, x.data(), mean.data(), var.data()}, space.data());
      reference.run(ColumnMoments<double>{rows, cols, xd.data(), expected_mean.data(), expected_var.data()});
      CHECK(distance(expected_mean, mean.values(), 1 + static_cast<double>(centre)) < few_roundings);
      // Shifted by a sample, the mean of d² is at most a few times the variance: few digits are lost.
      CHECK(distance(expected_var, var.values()) < 5 * few_roundings);
      cpu::sum_rows<Lanes>(threads, {rows, cols, x.data(), sum.data()}, space.data());
      reference.run(SumRows<double>{rows, cols, xd.data(), expected_sum.data()});
      const double walk = std::sqrt(static_cast<double>(rows)) * (1 + static_cast<double>(centre));
      CHECK(distance(expected_sum, sum.values(), walk) < sum_tolerance(64));
      CHECK((mean.whole() && var.whole() && sum.whole()));
    }
}

TEMPLATE_TEST_CASE_SIG("row operations agree with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (const auto& [rows, cols] : extents()) {
    INFO("rows=" << rows << " cols=" << cols << " lanes=" << Lanes);
    const Index count = rows * cols;
    auto x = random(count, 1);
    std::fill_n(x.begin(), cols, 0.f);  // a row of norm 0: eps decides
    const auto dy = random(count, 2), bias = random(cols, 3);
    const auto xd = widen(x), dyd = widen(dy), bd = widen(bias);
    Guarded y(count), norm(rows), dx(count), biased(x);
    std::vector<double> yd(to_size(count)), nd(to_size(rows)), dxd(to_size(count)), biased_d(xd);

    cpu::l2_normalize_forward<Lanes>(threads, {rows, cols, 0.125f, x.data(), y.data(), norm.data()});
    reference.run(L2NormalizeForward<double>{rows, cols, 0.125, xd.data(), yd.data(), nd.data()});
    CHECK(distance(yd, y.values()) < sum_tolerance(cols));
    CHECK(distance(nd, norm.values()) < sum_tolerance(cols));

    const auto y_in = y.values(), norm_in = norm.values();
    const auto y_in_d = widen(y_in), norm_in_d = widen(norm_in);
    cpu::l2_normalize_backward<Lanes>(threads, {rows, cols, y_in.data(), norm_in.data(), dy.data(), dx.data()});
    reference.run(L2NormalizeBackward<double>{rows, cols, y_in_d.data(), norm_in_d.data(), dyd.data(), dxd.data()});
    // For one column dx is 0 up to rounding: compare with the size of dy / norm instead.
    double size = 0;
    for (std::size_t i = 0; i < dxd.size(); ++i) size = std::max(size, std::abs(dyd[i] / norm_in_d[i / to_size(cols)]));
    double worst = 0;
    const auto dx_out = dx.values();
    for (std::size_t i = 0; i < dxd.size(); ++i)
      worst = worse(worst, std::abs(dxd[i] - static_cast<double>(dx_out[i])));
    CHECK(worst <= sum_tolerance(cols) * size);

    cpu::add_bias<Lanes>(threads, {rows, cols, bias.data(), biased.data()});
    reference.run(AddBias<double>{rows, cols, bd.data(), biased_d.data()});
    CHECK(distance(biased_d, biased.values()) < few_roundings);
    CHECK((y.whole() && norm.whole() && dx.whole() && biased.whole()));

    // The same numbers as one image of `rows` positions, and as `rows` images of one.
    for (Index n : {Index{1}, rows}) {
      const Index positions = rows / n;
      Guarded pooled(n * cols), spread(count);
      std::vector<double> pooled_d(to_size(n * cols)), spread_d(to_size(count));
      cpu::global_pool_forward<Lanes>(threads, {n, positions, cols, dy.data(), pooled.data()});
      reference.run(GlobalPoolForward<double>{n, positions, cols, dyd.data(), pooled_d.data()});
      CHECK(distance(pooled_d, pooled.values(), 1) < sum_tolerance(1));
      const auto p = pooled.values();
      const auto pd = widen(p);
      cpu::global_pool_backward<Lanes>(threads, {n, positions, cols, p.data(), spread.data()});
      reference.run(GlobalPoolBackward<double>{n, positions, cols, pd.data(), spread_d.data()});
      CHECK(distance(spread_d, spread.values()) < few_roundings);
      CHECK((pooled.whole() && spread.whole()));
    }
  }
}

}  // namespace cpu_columns_test
