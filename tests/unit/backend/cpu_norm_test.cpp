#include <string>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu/norm_backward.hpp"
#include "sseg/backend/cpu/norm_fold.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"

namespace cpu_norm_test {

using namespace sseg;
using namespace oracle;

namespace {

std::vector<NormGeometry> geometries() {
  std::vector<NormGeometry> all;
  for (Index pool : {1, 2, 3})
    for (bool relu : {false, true})
      for (Index c : {1, 3, 17, 33, 64}) {
        all.push_back({3, 7, 8, c, pool, relu});
        all.push_back({2, pool, pool, c, pool, relu});
        all.push_back({1, 5, 1, c, 1, relu});
      }
  for (Index pool : {1, 2, 3}) all.push_back({2, 85, 43, 33, pool, true});
  all.push_back({2, 1, 4, 5, 2, true});  // smaller than a window: no output
  return all;
}

template <int Lanes>
void agrees(const NormGeometry& g, bool batch_statistics) {
  INFO("n=" << g.n << " h=" << g.h << " w=" << g.w << " c=" << g.c << " pool=" << g.pool << " relu=" << g.relu
            << " lanes=" << Lanes << " batch=" << batch_statistics);
  Threads threads(2);
  Reference<double> reference;
  // Coarse x: a window's maximum and the sign of x·scale + shift must not hang on float rounding.
  const auto x = coarse(g.in_count(), 1), gamma = random(g.c, 2, -2, 2), beta = random(g.c, 3);
  const auto mean = random(g.c, 4, -.5f, .5f), inv_std = random(g.c, 5, .5f, 2), dy = random(g.out_count(), 6);
  std::vector<float> scale(gamma), shift(beta);
  for (std::size_t c = 0; c < scale.size(); ++c) {
    scale[c] = gamma[c] * inv_std[c];
    shift[c] = beta[c] - mean[c] * scale[c];
  }
  const auto xd = widen(x), md = widen(mean), id = widen(inv_std), sd = widen(scale), hd = widen(shift),
             dyd = widen(dy);

  Guarded y(g.out_count());
  std::vector<double> expected(to_size(g.out_count()));
  cpu::norm_forward<Lanes>(threads, {g, x.data(), scale.data(), shift.data(), y.data()});
  reference.run(NormReluPoolForward<double>{g, xd.data(), sd.data(), hd.data(), expected.data()});
  CHECK(distance(expected, y.values()) < few_roundings);
  CHECK(y.whole());

  const auto start = random(2 * g.c, 7);
  for (const bool with_y : {false, true}) {  // sums from the inputs, or from the outputs
    INFO("with y " << with_y);
    Guarded dx(g.in_count()), dgamma({start.begin(), start.begin() + g.c}), dbeta({start.begin() + g.c, start.end()});
    auto expected_gamma = widen(dgamma.values()), expected_beta = widen(dbeta.values());
    Buffer<double> space(cpu::norm_backward_space(g));
    expected.resize(to_size(g.in_count()));
    cpu::norm_backward<Lanes>(threads,
                              {g, x.data(), mean.data(), inv_std.data(), scale.data(), shift.data(), dy.data(),
                               dx.data(), dgamma.data(), dbeta.data(), batch_statistics, with_y ? y.data() : nullptr},
                              space.data());
    reference.run(NormReluPoolBackward<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(), dyd.data(),
                                               expected.data(), expected_gamma.data(), expected_beta.data(),
                                               batch_statistics});
    CHECK(distance(expected, dx.values()) < few_roundings);
    // Terms of either sign: the sum is as large as a random walk. Float within blocks of 64 pixels, doubles across.
    const double walk = std::sqrt(static_cast<double>(g.n * g.out_h() * g.out_w()));
    CHECK(distance(expected_gamma, dgamma.values(), walk) < (with_y ? 4 : 1) * sum_tolerance(64));
    CHECK(distance(expected_beta, dbeta.values(), walk) < sum_tolerance(64));
    CHECK(dx.whole());
    CHECK(dgamma.whole());
    CHECK(dbeta.whole());
  }
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("fused norm, ReLU and pooling agree with the reference", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  for (const auto& g : geometries())
    for (bool batch : {false, true}) agrees<Lanes>(g, batch);
}

TEST_CASE("sums are taken from the outputs where those tell the inputs, else from the inputs") {
  Threads threads(1);
  const NormGeometry g{3, 6, 6, 17, 2, true};
  const auto x = coarse(g.in_count(), 1), dy = random(g.out_count(), 2);
  const std::vector<float> mean(17, 0.25f), shift(17, 0.5f);
  std::vector<float> inv_std(17, 2.f), scale(17, 1.5f), y(to_size(g.out_count()));
  Buffer<double> space(cpu::norm_backward_space(g));
  const auto dgamma = [&](const float* inputs, const float* outputs) {
    std::vector<float> gamma(17), beta(17);
    cpu::norm_backward<4>(threads,
                          {g, inputs, mean.data(), inv_std.data(), scale.data(), shift.data(), dy.data(), nullptr,
                           gamma.data(), beta.data(), true, outputs},
                          space.data());
    return gamma;
  };
  cpu::norm_forward<4>(threads, {g, x.data(), scale.data(), shift.data(), y.data()});
  const auto from_outputs = dgamma(nullptr, y.data());  // the inputs are not read
  CHECK(distance(widen(dgamma(x.data(), nullptr)), from_outputs, 5) < 1e-6);
  for (const float flat : {0.f, 0.0005f}) {  // gamma 0, and one whose outputs say little of the inputs
    scale[3] = flat;
    cpu::norm_forward<4>(threads, {g, x.data(), scale.data(), shift.data(), y.data()});
    CHECK(dgamma(x.data(), y.data()) == dgamma(x.data(), nullptr));
  }
  scale[3] = 1.5f;
  inv_std[3] = 2000;  // a map that is nearly constant
  cpu::norm_forward<4>(threads, {g, x.data(), scale.data(), shift.data(), y.data()});
  CHECK(dgamma(x.data(), y.data()) == dgamma(x.data(), nullptr));
}

TEMPLATE_TEST_CASE_SIG("the second half of the backward pass, with sums from elsewhere, agrees with the reference", "",
                       ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (const NormGeometry& g : geometries()) {
    INFO("n=" << g.n << " h=" << g.h << " w=" << g.w << " c=" << g.c << " pool=" << g.pool << " relu=" << g.relu);
    const auto x = coarse(g.in_count(), 1), scale = random(g.c, 2, -2, 2), shift = random(g.c, 3),
               mean = random(g.c, 4, -.5f, .5f), inv_std = random(g.c, 5, .5f, 2), dy = random(g.out_count(), 6),
               sum_exhat = random(g.c, 7, -20, 20), sum_e = random(g.c, 8, -20, 20);
    const auto xd = widen(x), sd = widen(scale), hd = widen(shift), md = widen(mean), id = widen(inv_std),
               dyd = widen(dy), exd = widen(sum_exhat), ed = widen(sum_e);
    const Index rows = 3 * g.n * g.h * g.w;  // this is a third of the batch
    Guarded dx(g.in_count());
    std::vector<double> expected(to_size(g.in_count()));
    Buffer<float> space(2 * g.c);
    cpu::norm_backward_data<Lanes>(threads,
                                   {g, x.data(), mean.data(), inv_std.data(), scale.data(), shift.data(), dy.data(),
                                    dx.data(), sum_exhat.data(), sum_e.data(), rows},
                                   space.data());
    reference.run(NormReluPoolBackwardData<double>{g, xd.data(), md.data(), id.data(), sd.data(), hd.data(), dyd.data(),
                                                   expected.data(), exd.data(), ed.data(), rows});
    CHECK(distance(expected, dx.values()) < few_roundings);
    CHECK(dx.whole());
  }
}

TEST_CASE("both halves of the backward pass together are the whole") {
  const NormGeometry g{3, 6, 5, 4, 2, true};
  const auto x = widen(coarse(g.in_count(), 1)), scale = widen(random(g.c, 2, -2, 2)), shift = widen(random(g.c, 3)),
             mean = widen(random(g.c, 4)), inv_std = widen(random(g.c, 5, .5f, 2)),
             dy = widen(random(g.out_count(), 6));
  std::vector<double> whole(x.size()), halves(x.size()), sums(8), again(8);
  Reference<double> reference;
  NormReluPoolBackward<double> op{g,         x.data(),     mean.data(), inv_std.data(),  scale.data(), shift.data(),
                                  dy.data(), whole.data(), sums.data(), sums.data() + 4, true};
  reference.run(op);
  op.dx = nullptr, op.dgamma = again.data(), op.dbeta = again.data() + 4;
  reference.run(op);
  CHECK(sums == again);
  reference.run(NormReluPoolBackwardData<double>{g, op.x, op.mean, op.inv_std, op.scale, op.shift, op.dy, halves.data(),
                                                 again.data(), again.data() + 4, g.n * g.h * g.w});
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(halves[i] == Approx(whole[i]).margin(1e-12));
}

TEST_CASE("a null dx leaves only the parameter gradients") {
  Threads threads(1);
  const NormGeometry g{2, 4, 4, 16, 2, true};
  const auto x = coarse(g.in_count(), 1), one = random(g.c, 2, 1, 2), dy = random(g.out_count(), 3);
  std::vector<float> dgamma(16), dbeta(16);
  Buffer<double> space(cpu::norm_backward_space(g));
  cpu::norm_backward<4>(threads,
                        {g, x.data(), one.data(), one.data(), one.data(), one.data(), dy.data(), nullptr, dgamma.data(),
                         dbeta.data(), true},
                        space.data());
  CHECK(std::any_of(dgamma.begin(), dgamma.end(), [](float v) { return v != 0; }));
}

TEST_CASE("among equal maxima the first gets the gradient") {
  Threads threads(1);
  const NormGeometry g{1, 2, 2, 1, 2, false};
  const float x[4]{1, 2, 2, 2}, zero = 0, one = 1, dy = 5;
  float dx[4], dgamma = 0, dbeta = 0;
  Buffer<double> space(cpu::norm_backward_space(g));
  cpu::norm_backward<16>(threads, {g, x, &zero, &one, &one, &zero, &dy, dx, &dgamma, &dbeta, false}, space.data());
  CHECK(dx[0] == 0);
  CHECK(dx[1] == 5);
  CHECK(dx[2] == 0);
  CHECK(dx[3] == 0);
}

TEST_CASE("folding a norm and updating its running statistics agree with the reference") {
  Reference<double> reference;
  for (Index c : {1, 3, 17, 33, 64})
    for (Index rows : {1, 2, 100}) {
      INFO("c=" << c << " rows=" << rows);
      const auto gamma = random(c, 1), beta = random(c, 2), mean = random(c, 3), var = random(c, 4, 0, 2);
      const auto old = random(2 * c, 5);
      const auto gd = widen(gamma), bd = widen(beta), md = widen(mean), vd = widen(var), od = widen(old);
      Guarded inv_std(c), scale(c), shift(c), next(2 * c);
      std::vector<double> inv_std_d(to_size(c)), scale_d(inv_std_d), shift_d(inv_std_d), next_d(to_size(2 * c));
      cpu::norm_fold(
          {c, 1e-5f, gamma.data(), beta.data(), mean.data(), var.data(), inv_std.data(), scale.data(), shift.data()});
      reference.run(NormFold<double>{c, 1e-5f, gd.data(), bd.data(), md.data(), vd.data(), inv_std_d.data(),
                                     scale_d.data(), shift_d.data()});
      cpu::running_update({c, rows, 0.125f, mean.data(), var.data(), old.data(), next.data()});
      reference.run(RunningUpdate<double>{c, rows, 0.125, md.data(), vd.data(), od.data(), next_d.data()});
      CHECK(distance(inv_std_d, inv_std.values()) < few_roundings);
      CHECK(distance(scale_d, scale.values()) < few_roundings);
      CHECK(distance(shift_d, shift.values(), 1) < few_roundings);
      CHECK(distance(next_d, next.values(), 1) < few_roundings);
      CHECK((inv_std.whole() && scale.whole() && shift.whole() && next.whole()));
    }
}

}  // namespace cpu_norm_test
