#include "sseg/experiment/few_shot_report.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sseg/experiment/few_shot_comparison.hpp"
#include "sseg/io/json.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace few_shot_report_test {

using sseg::Features;
using sseg::FewShotRow;
using sseg::Images;
using sseg::Index;
using sseg::PictureFeatures;
using sseg::to_size;

namespace {

constexpr Index classes = 8, per_class = 12, dim = 8;

/// Classes 0 … 3 are group 0, the others group 1.
Images labelled() {
  Images set{"made up", {1, 1, 1}, sseg::Buffer<float>(classes * per_class), {}, {}, {}, {}};
  for (Index i = 0; i < set.size(); ++i) {
    set.label.push_back(i % classes);
    set.group.push_back(i % classes / 4);
  }
  return set;
}
/// One axis a class; `shared`: one axis for the two classes that differ by 4.
Features features(bool shared) {
  Features f{dim, sseg::Buffer<float>(classes * per_class * dim)};
  for (Index i = 0; i < f.size(); ++i) f.rows[i * dim + i % (shared ? 4 : classes)] = 1;
  return f;
}
FewShotRow about(Index way) {
  return {.net = "trained", .dataset = "made up", .split = "all", .way = way, .query = 5, .episodes = 60, .seed = 9};
}

}  // namespace

TEST_CASE("one-shot and five-shot rows say what they are") {
  sseg::Threads threads(2);
  const auto rows = sseg::few_shot_rows(threads, PictureFeatures{features(false)}, labelled(), about(3), false);
  REQUIRE(rows.size() == 4);
  CHECK((rows[0].shot == 1 && rows[2].shot == 5));
  CHECK(rows[0].protocol == "prototypes, cosine, inductive");
  CHECK(rows[1].protocol == "prototypes, euclidean, inductive");
  // What is known of the training images adds rows of its own, each by its own features.
  const auto more =
      sseg::few_shot_rows(threads, {features(true), features(false), features(false)}, labelled(), about(3), false);
  REQUIRE(more.size() == 8);
  CHECK(more[2].protocol == "prototypes, cl2n, inductive");
  CHECK(more[3].protocol == "prototypes, whitened cosine, inductive");
  CHECK((more[0].accuracy < 95 && more[1].accuracy < 95));
  CHECK((more[2].accuracy == 100 && more[3].accuracy == 100));
  for (const FewShotRow& r : rows) {
    CHECK((r.net == "trained" && r.dataset == "made up" && r.split == "all"));
    CHECK((r.way == 3 && r.query == 5 && r.episodes == 60 && r.seed == 9));
    CHECK(r.accuracy == 100);
    CHECK(r.ci95 == 0);
  }
}

TEST_CASE("every protocol that is named has its rows, on plain and on whitened features") {
  sseg::Threads threads(2);
  sseg::EvaluationConfig e;
  e.protocols = {"matching", "knn", "linear_probe", "cosine_classifier", "transductive"};
  e.shots = {2};
  e.knn.k = 3;
  const PictureFeatures pictures{features(false), {}, features(false)};
  const auto rows = sseg::few_shot_rows(threads, pictures, labelled(), about(3), false, e);
  REQUIRE(rows.size() == 10);
  const std::vector<std::string> protocols{
      "matching, cosine attention, inductive",
      "matching, cosine attention, whitened, inductive",
      "linear probe, logistic regression, L2 penalty 1, inductive",
      "linear probe, logistic regression, L2 penalty 1, whitened, inductive",
      "cosine classifier, 100 steps at rate 0.05, scale 10, inductive",
      "cosine classifier, 100 steps at rate 0.05, scale 10, whitened, inductive",
      "3 nearest neighbours, cosine, temperature 0.07, inductive",
      "3 nearest neighbours, cosine, temperature 0.07, whitened, inductive",
      "transductive prototypes, soft k-means over the queries, 3 steps, scale 10, transductive",
      "transductive prototypes, soft k-means over the queries, 3 steps, scale 10, whitened, transductive"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].protocol == protocols[i]);
    CHECK(rows[i].inductive == (i < 8));
    CHECK((rows[i].shot == 2 && rows[i].accuracy == 100));
  }
  // With copies the text says so; prototypes stay as they are.
  FewShotRow averaged = about(3);
  averaged.copies = 2;
  e.protocols = {"knn", "prototypes"};
  const auto more = sseg::few_shot_rows(threads, {features(false)}, labelled(), averaged, false, e);
  REQUIRE(more.size() == 3);
  CHECK(more[0].protocol == "prototypes, cosine, inductive, features averaged over 2 augmented copies");
  CHECK(more[2].protocol ==
        "3 nearest neighbours, cosine, temperature 0.07, inductive, features averaged over 2 augmented copies");
  e.protocols = {"fine_tune"};
  CHECK(sseg_test::message_of([&] {
          sseg::few_shot_rows(threads, pictures, labelled(), about(3), false, e);
        }).find("fine-tuning needs the net") != std::string::npos);
}

TEST_CASE("protocols on the same episodes are compared pair by pair between nets") {
  sseg::Threads threads(2);
  sseg::EvaluationConfig e;
  e.protocols = {"linear_probe", "transductive"};
  const auto good = sseg::few_shot_accuracies(threads, {features(false)}, labelled(), about(3), false, e);
  const auto poor = sseg::few_shot_accuracies(threads, {features(true)}, labelled(), about(3), false, e);
  const auto differences = sseg::compare_few_shot(good, poor);
  REQUIRE(differences.size() == 4);
  for (const auto& d : differences) CHECK((d.difference.mean > 0 && d.difference.n == 60));
  CHECK(differences[1].protocol.find("transductive") == 0);
  CHECK((differences[0].inductive && !differences[1].inductive));
  sseg::FewShotComparison one = differences[0];
  one.against = "against";
  one.difference = {1.2, 0.456, 60};
  CHECK(sseg::to_line(one) ==
        "trained − against  3-way 1-shot  +1.20 ± 0.46 points, paired over 60 episodes; linear probe, logistic "
        "regression, L2 penalty 1, inductive; made up, all; seed 9");
}

TEST_CASE("rows by best match take each picture's copies together") {
  // Every row is a picture and two copies. One copy tells the class, at one place in half of the images and at the
  // other in the rest; all else is like nothing.
  constexpr Index n = classes * per_class, wide = classes + 2 * n;
  Features f{3 * wide, sseg::Buffer<float>(n * 3 * wide)};
  for (Index i = 0; i < n; ++i) {
    float* row = f.rows.data() + i * 3 * wide;
    const Index telling = 1 + i / classes % 2;
    row[classes + i] = 1;
    row[telling * wide + i % classes] = 1;
    row[(3 - telling) * wide + classes + n + i] = 1;
  }
  FewShotRow wanted = about(3);
  wanted.copies = 2;
  wanted.best_match = true;
  sseg::Threads threads(2);
  const auto rows = sseg::few_shot_rows(threads, {f, {}, f}, labelled(), wanted, false);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].protocol == "best match of copies, cosine, inductive, 2 augmented copies");
  CHECK(rows[1].protocol == "best match of copies, cosine, whitened, inductive, 2 augmented copies");
  CHECK((rows[0].shot == 1 && rows[2].shot == 5 && rows[0].best_match));
  FewShotRow side_by_side = wanted;
  side_by_side.best_match = false;
  for (const FewShotRow& r : rows) CHECK(r.accuracy == 100);
  CHECK(sseg::few_shot_rows(threads, {f}, labelled(), side_by_side, false)[0].accuracy < 90);
}

TEST_CASE("episodes within groups never mix classes of two groups") {
  sseg::Threads threads(2);
  // Classes that look alike are in different groups: mixed episodes err, those within a group do not.
  const auto mixed = sseg::few_shot_rows(threads, PictureFeatures{features(true)}, labelled(), about(4), false);
  const auto within = sseg::few_shot_rows(threads, PictureFeatures{features(true)}, labelled(), about(4), true);
  CHECK(mixed[0].accuracy < 95);
  CHECK(mixed[0].ci95 > 0);
  CHECK(within[0].accuracy == 100);
  CHECK_FALSE(sseg_test::message_of([&] {
                sseg::few_shot_rows(threads, PictureFeatures{features(true)}, labelled(), about(5), true);
              }).empty());
}

TEST_CASE("a row as one line") {
  FewShotRow r = about(5);
  r.protocol = "prototypes, cosine, inductive";
  r.shot = 1;
  r.accuracy = 87.206;
  r.ci95 = 0.6349;
  CHECK(sseg::to_line(r) ==
        "trained     5-way 1-shot   87.21 ± 0.63 %   made up, all; prototypes, cosine, inductive; 60 episodes, seed 9");
  r.net = "untrained";
  r.way = 20;
  r.accuracy = 100;
  CHECK(sseg::to_line(r).substr(0, 39) == "untrained  20-way 1-shot  100.00 ± 0.6");
}

TEST_CASE("eval.json holds every row and says what the interval is") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "eval.json";
  std::vector<FewShotRow> rows{about(5), about(20)};
  rows[1].accuracy = 61.25;
  rows[1].ci95 = 0.5;
  rows[1].shot = 5;
  sseg::write_few_shot(file, rows);
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const sseg::Json report = sseg::parse_json(text, file.string());
  CHECK(report.at("ci95").get<std::string>().find("1.96") == 0);
  REQUIRE(report.at("results").size() == 2);
  const auto& second = report["results"][1];
  CHECK(second.size() == 14);
  CHECK(second.at("net") == "trained");
  CHECK(second.at("inductive") == true);
  CHECK(second.at("way") == 20);
  CHECK(second.at("shot") == 5);
  CHECK(second.at("query") == 5);
  CHECK(second.at("copies") == 0);
  CHECK(second.at("episodes") == 60);
  CHECK(second.at("seed") == 9);
  CHECK(second.at("accuracy") == 61.25);
  CHECK(second.at("ci95") == 0.5);
  CHECK_FALSE(sseg_test::message_of([&] { sseg::write_few_shot(folder / "no/such/eval.json", rows); }).empty());
}

}  // namespace few_shot_report_test
