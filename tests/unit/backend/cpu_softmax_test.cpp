#include "sseg/backend/cpu/softmax.hpp"

#include <cmath>
#include <vector>

#include "oracle.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"

namespace cpu_softmax_test {

using namespace sseg;
using namespace oracle;

namespace {

struct Size {
  Index rows, cols;
};
const Size sizes[] = {{1, 1}, {3, 4}, {5, 17}, {7, 33}, {19, 130}, {130, 513}};

/// Rows of targets: none, one-hot, drawn with mass 2.
std::vector<float> targets(Index rows, Index cols) {
  auto t = random(rows * cols, 7, 0, 1);
  for (Index r = 0; r < rows; ++r) {
    float sum = 0;
    for (Index k = 0; k < cols; ++k) sum += t[to_size(r * cols + k)];
    for (Index k = 0; k < cols; ++k) {
      float& v = t[to_size(r * cols + k)];
      v = r % 3 == 0 ? 2 * v / sum : r % 3 == 1 ? (k == r % cols ? 1.f : 0.f) : 0.f;
    }
  }
  return t;
}

}  // namespace

TEMPLATE_TEST_CASE_SIG("softmax over rows agrees with its formula", "", ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (const auto& [rows, cols] : sizes)
    for (const float scale : {0.5f, 1.f, 25.f})
      for (const bool shifted : {false, true}) {
        INFO("rows=" << rows << " cols=" << cols << " scale=" << scale << " shifted=" << shifted);
        const auto x = random(rows * cols, 1, -2, 2), shift = random(cols, 2, -1, 1);
        const auto xd = widen(x), shift_d = widen(shift);
        Guarded y(rows * cols), same(x);
        std::vector<double> yd(x.size()), book(x.size());
        const float* by = shifted ? shift.data() : nullptr;
        cpu::softmax_rows<Lanes>(threads, {rows, cols, scale, x.data(), by, y.data()});
        cpu::softmax_rows<Lanes>(threads, {rows, cols, scale, same.data(), by, same.data()});  // y may be x
        reference.run(SoftmaxRows<double>{rows, cols, static_cast<double>(scale), xd.data(),
                                          shifted ? shift_d.data() : nullptr, yd.data()});
        for (Index r = 0; r < rows; ++r) {
          double sum = 0;
          for (Index k = 0; k < cols; ++k)
            sum += book[to_size(r * cols + k)] = std::exp(
                static_cast<double>(scale) * (xd[to_size(r * cols + k)] - (shifted ? shift_d[to_size(k)] : 0.0)));
          for (Index k = 0; k < cols; ++k) book[to_size(r * cols + k)] /= sum;
        }
        double furthest = 0;
        for (std::size_t i = 0; i < book.size(); ++i) furthest = std::max(furthest, std::abs(book[i] - yd[i]));
        CHECK(furthest < 1e-13);
        // exp's argument, up to 3·scale, is rounded: that relative error goes into each probability.
        CHECK(distance(yd, y.values()) < 1e-6 + 6e-7 * static_cast<double>(scale));
        CHECK(same.values() == y.values());
        CHECK((y.whole() && same.whole()));
      }
}

TEMPLATE_TEST_CASE_SIG("softmax cross-entropy agrees with its formula for any mass of targets", "",
                       ((int Lanes), Lanes), 4, 8, 16) {
  NEEDS_LANES(Lanes);
  Threads threads(2);
  Reference<double> reference;
  for (const auto& [rows, cols] : sizes)
    for (const float scale : {0.5f, 1.f, 10.f}) {
      INFO("rows=" << rows << " cols=" << cols << " scale=" << scale << " lanes=" << Lanes);
      const float weight = 0.25f;
      const auto start = random(rows * cols, 3, -2, 2), target = targets(rows, cols);
      const auto start_d = widen(start), target_d = widen(target);
      Guarded s(start);
      auto sd = start_d;
      double loss = -1, loss_d = -1, book = 0;
      Buffer<double> space(rows);
      cpu::softmax_cross_entropy<Lanes>(threads, {rows, cols, scale, weight, s.data(), target.data(), &loss},
                                        space.data());
      reference.run(SoftmaxCrossEntropy<double>{rows, cols, static_cast<double>(scale), 0.25, sd.data(),
                                                target_d.data(), &loss_d});
      double furthest = 0;
      for (Index r = 0; r < rows; ++r) {
        const double* x = start_d.data() + r * cols;
        const double* t = target_d.data() + r * cols;
        double sum = 0, mass = 0, hit = 0;
        for (Index k = 0; k < cols; ++k) {
          sum += std::exp(static_cast<double>(scale) * x[k]);
          mass += t[k];
          hit += t[k] * static_cast<double>(scale) * x[k];
        }
        book += 0.25 * (mass * std::log(sum) - hit);
        for (Index k = 0; k < cols; ++k) {
          const double p = std::exp(static_cast<double>(scale) * x[k]) / sum;
          const double slope = 0.25 * static_cast<double>(scale) * (mass * p - t[k]);
          furthest = std::max(furthest, std::abs(slope - sd[to_size(r * cols + k)]));
        }
      }
      CHECK(furthest < 1e-12);
      CHECK(loss_d == Approx(book).epsilon(1e-12).margin(1e-14));
      CHECK(loss == Approx(book).epsilon(3e-6).margin(1e-6));
      CHECK(distance(sd, s.values(), 0.25 * static_cast<double>(scale)) < 1e-6 + 4e-7 * static_cast<double>(scale));
      CHECK(s.whole());
    }
}

TEST_CASE("softmax does not overflow, and a sure and right answer costs nothing") {
  Threads threads(1);
  const float x[6] = {3e4f, -3e4f, 0.f, -1e6f, -1e6f, -2e6f};
  float y[6];
  cpu::softmax_rows<4>(threads, {2, 3, 25.f, x, nullptr, y});
  CHECK(std::vector<float>(y, y + 6) == std::vector<float>{1, 0, 0, 0.5f, 0.5f, 0});
  float s[6] = {3e4f, -3e4f, 0.f, -1e6f, -1e6f, -2e6f};
  const float target[6] = {1, 0, 0, 0.5f, 0.5f, 0};
  double loss = -1, space[2];
  cpu::softmax_cross_entropy<4>(threads, {2, 3, 10.f, 1.f, s, target, &loss}, space);
  CHECK(loss == Approx(std::log(2.0)));
  for (const float v : s) CHECK(v == 0);
}

}  // namespace cpu_softmax_test
