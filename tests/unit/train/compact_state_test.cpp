#include "sseg/train/compact_state.hpp"

#include <filesystem>

#include "small_run.hpp"
#include "sseg/nase/route_once.hpp"
#include "sseg/train/checkpoint.hpp"
#include "support/catch.hpp"

namespace compact_state_test {

using namespace small_run;

namespace {

/// The positive path of half the channels by magnitude.
ParamStore<float> half_of(const State& s, const char* unit = "channel") {
  ImportanceScorer<Magnitude> scores;
  scores.observe(s.model.student);
  RoutedStore<float> path;
  path.load(s.model.student, route_once(s.model.student, scores, RouterConfig{.unit = unit}, 0.5).masks());
  return path.store();
}

/// Columns of a feature row that are of channels which the last stage still has.
std::vector<Index> live_columns(const Net& net, const ParamStore<float>& path, Index dim) {
  const auto& last = stages(backbone(net)).slots.back();
  const auto live = detail::live_channels(path, last);
  return detail::repeated(live, width(last.block), dim / width(last.block));
}

}  // namespace

TEST_CASE("An exported path is loaded as a smaller net with the path's features") {
  const auto file = std::filesystem::temp_directory_path() / "sseg_compact_state.safetensors";
  const State dense = trained(2);
  const auto path = half_of(dense);
  save_checkpoint(file, compact_state(dense, path), image, Json::object(), {});
  const State small = load_checkpoint<Net>(file).state;
  std::filesystem::remove(file);
  CHECK(small.step == dense.step);
  CHECK(small.history.empty());
  CHECK_FALSE(small.routing.has_value());
  CHECK(small.model.net.param_count() < dense.model.net.param_count());
  CHECK(small.model.teacher.value == small.model.student.value);

  Cpu cpu(2);
  const Images pictures = probe_images();
  const Features want = Embedder<Cpu>(cpu).embed(backbone(dense.model.net), path, pictures),
                 got = Embedder<Cpu>(cpu).embed(backbone(small.model.net), small.model.teacher, pictures);
  const auto columns = live_columns(dense.model.net, path, want.dim);
  REQUIRE(got.dim == static_cast<Index>(columns.size()));
  REQUIRE(got.dim < want.dim);
  double largest = 0, furthest = 0, lost = 0;
  for (Index r = 0; r < want.size(); ++r) {
    double all = 0, live = 0;
    for (Index c = 0; c < want.dim; ++c) all += std::abs(static_cast<double>(want.row(r).data[c]));
    for (Index c = 0; c < got.dim; ++c) {
      const double w = static_cast<double>(want.row(r).data[columns[to_size(c)]]);
      live += std::abs(w);
      largest = std::max(largest, std::abs(w));
      furthest = std::max(furthest, std::abs(w - static_cast<double>(got.row(r).data[c])));
    }
    lost = std::max(lost, all - live);
  }
  CHECK(largest > 0.01);
  CHECK(furthest < 1e-5 * largest);
  CHECK(lost == Approx(0).margin(1e-9));  // the columns that went were 0
  // And the head's outputs are the same.
  const Features z = Embedder<Cpu>(cpu).embed(dense.model.net, path, pictures),
                 y = Embedder<Cpu>(cpu).embed(small.model.net, small.model.student, pictures);
  REQUIRE(z.rows.size() == y.rows.size());
  for (Index i = 0; i < z.rows.size(); ++i) CHECK(y.rows[i] == Approx(z.rows[i]).margin(1e-4));
}

TEST_CASE("An exported path can be trained on") {
  State small = compact_state(trained(2), half_of(trained(2)));
  REQUIRE(small.model.student.moment.size() == AdamW::moments);
  const auto before = small.model.student.value;
  FitConfig longer = config;
  longer.steps = small.step + 3;
  run(small, 2, longer, {false});
  CHECK(small.step == longer.steps);
  CHECK_FALSE(small.model.student.value == before);
}

TEST_CASE("A path of single weights is a net of the same size") {
  const State dense = trained(2);
  const State same = compact_state(dense, half_of(dense, "weight"));
  CHECK(same.model.net == dense.model.net);
}

}  // namespace compact_state_test
