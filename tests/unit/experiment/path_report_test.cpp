#include "sseg/experiment/path_report.hpp"

#include <fstream>
#include <iterator>

#include "sseg/backend/cpu.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace path_report_test {

using namespace sseg;

namespace {

const Shape image{8, 8, 1};

/// Noise with a pattern for each of eight classes; classes 0 … 3 are group 0, the others group 1.
Images labelled(bool groups) {
  Images set{"made up", image, Buffer<float>(8 * 12 * image.count()), {}, {}, {}, {}};
  Rng rng(3);
  for (Index i = 0; i < set.size(); ++i) {
    set.label.push_back(i % 8);
    if (groups) set.group.push_back(i % 8 / 4);
    for (Index p = 0; p < image.count(); ++p)
      set.image(i).data[p] = 0.6f * static_cast<float>(rng.uniform()) + (p % 8 == i % 8 ? 0.4f : 0.f);
  }
  return set;
}

struct Bench {
  Cpu cpu{2};
  EvolvableCnn<> cnn = SeedNetwork{.initial_channels = 6, .num_blocks = 1}.build(image);
  FewShotRow about{.dataset = "made up", .split = "all", .way = 3, .query = 5, .episodes = 40, .seed = 9};

  ParamStore<float> store(std::uint64_t seed) { return make_store<float>(cnn, 0, Rng(seed)); }
  /// A net whose features are all 0.
  ParamStore<float> blind() {
    auto s = store(1);
    s.value.resize(s.value.size());
    return s;
  }
  PathStores stores() {
    return {.masks = {.unit = "weight"},
            .dense = store(1),
            .positive = store(2),
            .negative = blind(),
            .random = {store(1), store(2)}};
  }
};

/// Of the row that the report has on this.
double accuracy(const PathReport& r, const std::string& net, Index shot) {
  for (const FewShotRow& row : r.results)
    if (row.net == net && row.shot == shot) return row.accuracy;
  FAIL("no row of " << net);
  return 0;
}

}  // namespace

TEST_CASE("A path report evaluates every net on the same episodes as the few-shot report") {
  Bench b;
  for (const bool groups : {false, true}) {
    const Images images = labelled(groups);
    const PathReport report = path_report(b.cpu, b.cnn, b.stores(), images, b.about);
    REQUIRE(report.results.size() == 8);
    CHECK(report.masks.unit == "weight");
    for (const auto& [net, seed] : {std::pair{"dense", 1u}, std::pair{"positive", 2u}}) {
      const auto rows = few_shot_rows(b.cpu.threads(), {Embedder<Cpu>(b.cpu).embed(b.cnn, b.store(seed), images)},
                                      images, b.about, groups);
      CHECK(accuracy(report, net, 1) == rows[0].accuracy);
      CHECK(accuracy(report, net, 5) == rows[2].accuracy);
      CHECK(rows[0].protocol == report.results[0].protocol);
      CHECK(report.results[seed == 1 ? 0 : 2].ci95 == rows[0].ci95);
    }
    CHECK(accuracy(report, "dense", 5) > 40);  // the pattern is seen
    CHECK(accuracy(report, "negative", 1) == Approx(100.0 / 3));
    for (const Index shot : {1, 5})
      CHECK(accuracy(report, "random", shot) ==
            Approx((accuracy(report, "dense", shot) + accuracy(report, "positive", shot)) / 2));
  }
}

TEST_CASE("Differences are paired, in points, of the nets that they name") {
  Bench b;
  const Images images = labelled(false);
  const PathReport report = path_report(b.cpu, b.cnn, b.stores(), images, b.about);
  REQUIRE(report.differences.size() == 6);
  std::size_t i = 0;
  for (const auto& [a, c] :
       {std::pair{"dense", "positive"}, std::pair{"positive", "random"}, std::pair{"positive", "negative"}})
    for (const Index shot : {Index{1}, Index{5}}) {
      const PathDifferenceRow& d = report.differences[i++];
      CHECK(d.of == std::string(a) + " - " + c);
      CHECK((d.shot == shot && d.way == 3 && d.points.n == 40));
      CHECK(d.points.mean == Approx(accuracy(report, a, shot) - accuracy(report, c, shot)).margin(1e-9));
    }
  // The half-width is that of the differences, not of the nets by themselves.
  const auto a = shot_accuracies(b.cpu.threads(), Embedder<Cpu>(b.cpu).embed(b.cnn, b.store(1), images), images,
                                 b.about),
             c = shot_accuracies(b.cpu.threads(), Embedder<Cpu>(b.cpu).embed(b.cnn, b.store(2), images), images,
                                 b.about);
  CHECK(report.differences[0].points.half_width95 == Approx(100 * paired_difference(a[0], c[0]).half_width95));
  CHECK(report.differences[0].points.half_width95 > 0);
  PathStores same = b.stores();
  same.positive = same.dense;
  CHECK(path_report(b.cpu, b.cnn, same, images, b.about).differences[0].points.half_width95 == 0);
}

TEST_CASE("Rows of a path report as lines") {
  PathMasksRow m{
      .unit = "channel", .scope = "layer", .criterion = "taylor", .keep = 0.5, .kept = 0.4984, .net = "student"};
  m.stages = {0.614, 0.4};
  CHECK(to_line(m) ==
        "masks afterwards: unit channel, scope layer, by taylor; 49.8 % kept (stages 61 40 %); student, statistics "
        "recalibrated");
  CHECK(to_line(PathDifferenceRow{"dense - positive", 5, 1, {1.204, 0.409, 600}}) ==
        "dense - positive     5-way 1-shot   +1.20 ± 0.41 points");
  CHECK(to_line(PathCostRow{"exported", "8+1 > 4", {.macs = 1200, .params = 34, .milliseconds = 0.5}}) ==
        "exported   8+1 > 4: 1200 MACs, 34 parameters, 0.500 ms for one image");
}

TEST_CASE("eval_paths.json holds everything and says what the intervals are") {
  Bench b;
  const sseg_test::TempFolder folder;
  PathReport report = path_report(b.cpu, b.cnn, b.stores(), labelled(false), b.about);
  report.costs.push_back({"dense", "6", {.macs = 7}});
  const auto file = folder / "eval_paths.json";
  write_paths(file, {report, report});
  std::ifstream in(file);
  const Json json = parse_json(std::string(std::istreambuf_iterator<char>(in), {}), file.string());
  CHECK(json.at("ci95").get<std::string>().find("1.96") != std::string::npos);
  REQUIRE(json.at("reports").size() == 2);
  PathReport read;
  fields_from_json(json["reports"][1], read, "reports");
  CHECK(read.results.size() == 8);
  CHECK(read.masks.unit == "weight");
  CHECK(read.results[3].accuracy == report.results[3].accuracy);
  CHECK(read.differences[1].points == report.differences[1].points);
  CHECK(read.costs[0].cost.macs == 7);
  CHECK_FALSE(sseg_test::message_of([&] { write_paths(folder / "no/such/file", {}); }).empty());
}

}  // namespace path_report_test
