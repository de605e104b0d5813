#include "sseg/fewshot/score_calibration.hpp"

#include <limits>

#include "sseg/core/rng.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace score_calibration_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

/// Rows around one axis a class: `noise` 0 puts them on it.
Features rows_around_axes(const std::vector<Index>& label, Index way, float noise) {
  Features f{way + 3, Buffer<float>(static_cast<Index>(label.size()) * (way + 3))};
  Rng rng(5);
  for (Index i = 0; i < f.size(); ++i)
    for (Index d = 0; d < f.dim; ++d)
      f.rows[i * f.dim + d] = (d == label[to_size(i)] ? 1.f : 0.f) + noise * (2 * rng.uniform() - 1);
  return f;
}

/// The mean cross entropy of smoothed targets, as the comment of `calibrate_scores` says it.
double cross_entropy(const LeftOutScores& s, double scale) {
  const auto n = static_cast<double>(s.size()), way = static_cast<double>(s.way);
  double sum = 0;
  for (Index i = 0; i < s.size(); ++i) {
    double all = 0;
    for (Index k = 0; k < s.way; ++k) all += std::exp(scale * static_cast<double>(s.row(i)[k]));
    for (Index k = 0; k < s.way; ++k) {
      const double target = k == s.label[to_size(i)] ? (n + 1) / (n + way) : 1 / (n + way);
      sum -= target * (scale * static_cast<double>(s.row(i)[k]) - std::log(all));
    }
  }
  return sum / n;
}

}  // namespace

TEST_CASE("A left-out picture is scored by the others alone") {
  const std::vector<Index> label{0, 1, 0, 1, 2, 0};
  const Features rows = rows_around_axes(label, 3, 0.4f);
  const Prototypes<CosineSimilarity> protocol;
  Threads one(1), three(3);
  const LeftOutScores out = leave_one_out(three, protocol, rows, label, 3);
  CHECK(out.label == std::vector<Index>{0, 1, 0, 1, 0});  // the only picture of class 2 stays
  CHECK(leave_one_out(one, protocol, rows, label, 3).scores == out.scores);

  // By hand: picture 2 is classified by 0, 1, 3, 4 and 5.
  Buffer<float> support;
  rows.gather({0, 1, 3, 4, 5}, support);
  const std::vector<Index> others{0, 1, 1, 2, 0};
  std::vector<float> scores(3);
  protocol.classify({{support.data(), {5, rows.dim}}, others, 3, {rows.row(2).data, {1, rows.dim}}},
                    {scores.data(), {1, 3}});
  CHECK(std::vector<float>(out.row(2), out.row(2) + 3) == scores);

  CHECK(leave_one_out(one, protocol, rows, label, 3, 2).label == std::vector<Index>{0, 0});  // 2 of 5, evenly spaced
  CHECK_THAT(message_of([&] { leave_one_out(one, protocol, rows, {0, 1}, 3); }), Contains("differ in number"));
  CHECK_THAT(message_of([&] { leave_one_out(one, protocol, rows, {0, 1, 0, 1, 3, 0}, 3); }), Contains("not one of"));
}

TEST_CASE("Probabilities are the softmax of scaled scores") {
  const std::vector<float> scores{0.5f, -0.25f, 0.f};
  const auto p = probabilities(scores.data(), 3, 4);
  const double sum = std::exp(2.0) + std::exp(-1.0) + 1;
  CHECK(p[0] == Approx(std::exp(2.0) / sum));
  CHECK(p[1] == Approx(std::exp(-1.0) / sum));
  CHECK(p[0] + p[1] + p[2] == Approx(1));
  const std::vector<float> extreme{1.f, -1.f};
  CHECK(probabilities(extreme.data(), 2, 1e6)[0] == 1);  // no overflow
}

TEST_CASE("The scale is the one of least cross entropy") {
  Threads threads(2);
  std::vector<Index> label;
  for (Index i = 0; i < 40; ++i) label.push_back(i % 4);
  const LeftOutScores s =
      leave_one_out(threads, Prototypes<CosineSimilarity>{}, rows_around_axes(label, 4, 1.2f), label, 4);
  const ScoreCalibration c = calibrate_scores(s);
  CHECK(c.left_out == 40);
  CHECK((c.scale > 0.5 && c.scale < 50));
  for (const double other : {0.99 * c.scale, 1.01 * c.scale})
    CHECK(cross_entropy(s, other) > cross_entropy(s, c.scale));
  // Pictures that are told apart without an error get a finite scale, a larger one.
  const LeftOutScores clean =
      leave_one_out(threads, Prototypes<CosineSimilarity>{}, rows_around_axes(label, 4, 0.1f), label, 4);
  CHECK(calibrate_scores(clean).scale > c.scale);
  CHECK(calibrate_scores(clean).scale < ScoreCalibration::max_scale);
}

TEST_CASE("The threshold lies two deviations below what examples score for their own class") {
  const LeftOutScores s{2, {0, 1, 0, 1, 0}, {0.9f, 0.1f, 0.2f, 0.7f, 0.8f, 0.f, 0.1f, 0.8f, 0.8f, 0.3f}};
  const ScoreCalibration c = calibrate_scores(s);
  REQUIRE(c.threshold);
  CHECK(*c.threshold == Approx(0.8 - 2 * std::sqrt(0.005)).epsilon(1e-6));  // 0.9 0.7 0.8 0.8 0.8
}

TEST_CASE("Too few examples give defaults") {
  CHECK(calibrate_scores({3, {}, {}}) == ScoreCalibration{});
  const ScoreCalibration one_class = calibrate_scores({1, {0, 0, 0, 0, 0}, {0.9f, 0.8f, 0.9f, 0.8f, 0.9f}});
  CHECK(one_class.scale == ScoreCalibration::default_scale);
  CHECK(one_class.threshold);
  CHECK_FALSE(calibrate_scores({2, {0, 1, 0, 1}, std::vector<float>(8, 0.5f)}).threshold);  // 4 are too few
  CHECK_THAT(message_of([] {
               calibrate_scores({1, {0}, {std::numeric_limits<float>::quiet_NaN()}});
             }),
             Contains("not a number"));
}

}  // namespace score_calibration_test
