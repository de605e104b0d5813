#include "sseg/experiment/omniglot_report.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/layer/flatten.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"

namespace omniglot_report_test {

using sseg::Images;
using sseg::Index;
using sseg::OmniglotRow;
using sseg::OmniglotRun;
using sseg::Rng;
using sseg::RunConfig;

namespace {

constexpr Index side = 12, ways = 4;

/// A line each, in four places.
Images lines() {
  Images set{"lines", {side, side, 1}, sseg::Buffer<float>(ways * side * side), {}, {}, {}, {}};
  for (Index i = 0; i < ways; ++i) {
    set.label.push_back(i);
    for (Index p = 1; p + 1 < side; ++p)
      set.image(i).data[i % 2 == 0 ? (2 + 3 * i) * side + p : p * side + 2 + 2 * i] = 1;
  }
  return set;
}

/// Test image t shows what training image 3 − t shows.
OmniglotRun run(const char* name) {
  OmniglotRun r;
  r.name = name;
  r.training = lines();
  r.test = lines().subset({3, 2, 1, 0});
  r.test.label = {3, 2, 1, 0};
  return r;
}

std::vector<OmniglotRow> rows(const RunConfig& c, const std::vector<OmniglotRun>& runs,
                              const sseg::BaseStatistics& base = {}) {
  sseg::Cpu backend(2);
  const sseg::Flatten pixels;
  return sseg::omniglot_rows(backend, pixels, sseg::make_store<float>(pixels, 0, Rng(1)), runs, c, base);
}
OmniglotRow row(const RunConfig& c, const std::vector<OmniglotRun>& runs) {
  const auto all = rows(c, runs);
  REQUIRE(all.size() == 1);
  return all[0];
}

RunConfig config(Index copies, const char* match) {
  RunConfig c;
  c.data.image_size = side;
  c.augment.warp = {.rotate = 4, .scale = 0.1f, .shear = 0, .translate = 0.2f, .elastic = 0};
  c.evaluation.copies = copies;
  c.evaluation.match = match;
  return c;
}

}  // namespace

TEST_CASE("a row of the one-shot runs says how pictures were compared") {
  const std::vector<OmniglotRun> runs{run("run01"), run("run02")};
  const OmniglotRow plain = row(config(0, "mean"), runs);
  CHECK((plain.runs == 2 && plain.trials == 8 && plain.errors == 0 && plain.error == 0));
  CHECK(plain.run_errors == std::vector<double>{0, 0});
  CHECK(plain.protocol == "20-way 1-shot within alphabet, nearest by cosine, inductive");
  CHECK_THAT(row(config(3, "mean"), runs).protocol, sseg_test::Contains("features averaged over 3 augmented copies"));
  CHECK_THAT(row(config(3, "best"), runs).protocol, sseg_test::Contains("best match of 3 augmented copies"));
}

TEST_CASE("where the training images are known, a second row scores whitened features") {
  // The whitening takes the picture for one place of many channels, and drops the first columns, which mislead.
  OmniglotRun misled = run("run01");
  const auto stripe = [](Images& images, Index i, Index which) {
    for (Index y = 0; y < side; ++y) images.image(i).data[y * side + which] = 50;
  };
  for (Index i = 0; i < ways; ++i) stripe(misled.training, i, i), stripe(misled.test, i, i);  // test i shows 3 - i
  RunConfig c = config(0, "mean");
  c.data.center = c.data.rescale = false;
  constexpr Index pixels = side * side;
  sseg::BaseStatistics base{std::vector<float>(pixels), std::vector<float>(pixels * pixels)};
  for (Index p = 0; p < pixels; ++p)
    if (p % side >= ways) base.whitening[static_cast<std::size_t>(p * pixels + p)] = 1;
  const auto both = rows(c, {misled}, base);
  REQUIRE(both.size() == 2);
  CHECK(both[0].errors == 4);
  CHECK(both[1].errors == 0);
  CHECK_THAT(both[1].protocol, sseg_test::Contains("nearest by whitened cosine"));

  c.evaluation.copies = 2;
  c.evaluation.match = "best";
  c.augment.warp = {.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0};
  const auto best = rows(c, {misled}, base);
  REQUIRE(best.size() == 2);
  CHECK((best[0].errors == 4 && best[1].errors == 0));
  CHECK_THAT(best[1].protocol, sseg_test::Contains("nearest by whitened cosine, inductive, best match of 2"));
}

TEST_CASE("features that are not numbers are refused, not scored") {
  OmniglotRun broken = run("run01");
  broken.test.image(2).data[5] = std::numeric_limits<float>::quiet_NaN();
  RunConfig c = config(2, "best");
  c.augment.warp = {.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0};
  CHECK_THROWS_AS(row(c, {broken}), sseg::Error);
}

TEST_CASE("a moved drawing is found by the best match of copies, and lost without them") {
  // The test lines lie one pixel beside the training lines: no common pixel, and the two kinds cross.
  OmniglotRun moved = run("run01");
  Images& test = moved.test;
  for (Index i = 0; i < ways; ++i) {
    const Images was = test;
    std::fill_n(test.image(i).data, side * side, 0.f);
    for (Index y = 0; y + 1 < side; ++y)
      for (Index x = 0; x + 1 < side; ++x) test.image(i).data[(y + 1) * side + x + 1] = was.image(i).data[y * side + x];
  }
  CHECK(row(config(0, "mean"), {moved}).errors > 0);
  CHECK(row(config(40, "best"), {moved}).errors == 0);
}

}  // namespace omniglot_report_test
