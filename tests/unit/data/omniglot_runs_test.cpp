#include "sseg/data/omniglot_runs.hpp"

#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/data/omniglot_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace omniglot_runs_test {

using sseg::Index;
using sseg::load_omniglot_runs;
using sseg_test::Contains;
using sseg_test::Files;
using sseg_test::make_zip;
using sseg_test::message_of;
using sseg_test::one_run;
using sseg_test::TempFolder;

namespace {

constexpr sseg::OmniglotOptions original{105, false};

std::string refusal(const Files& files) {
  const TempFolder folder;
  make_zip(folder / "runs.zip", files);
  return message_of([&] { load_omniglot_runs(folder / "runs.zip"); });
}

/// The refusal of a run with this class_labels.txt.
std::string labels_refusal(const std::string& rows) {
  Files files = one_run("run01/", "run01/");
  files["run01/class_labels.txt"] = rows;
  return refusal(files);
}

}  // namespace

TEST_CASE("one-shot runs are read from a zip or a folder, however the rows are prefixed") {
  for (const std::string named : {"run01/", "", "all_runs/run01/", "./", "all_runs\\run01\\"}) {
    INFO(named);
    const TempFolder folder;
    Files files = one_run("all_runs/run01/", named);
    files.merge(one_run("all_runs/run02/", "run02/"));
    make_zip(folder / "any_name.zip", files);
    for (const auto& [name, bytes] : files) folder.add(name, bytes);
    for (const std::string root : {"any_name.zip", "all_runs", "all_runs/run01"}) {
      const auto runs = load_omniglot_runs(folder / root, original);
      REQUIRE(runs.size() == (root == "all_runs/run01" ? 1 : 2));
      CHECK(runs[0].name == "run01");
      CHECK(runs[0].training.classes[4] == "class05");
      for (Index i = 0; i < 20; ++i) {
        CHECK(runs[0].training.label[sseg::to_size(i)] == i);
        CHECK(runs[0].test.label[sseg::to_size(i)] == 19 - i);
        const auto test = runs[0].test.image(i).flat(), shown = runs[0].training.image(19 - i).flat();
        CHECK(std::equal(test.begin(), test.end(), shown.begin()));
        CHECK(test[sseg::to_size(10 * 105 + 4 * (20 - i))] == 1);
      }
    }
  }
}

TEST_CASE("one-shot runs that are not whole are refused") {
  CHECK(refusal(one_run("run01/", "run01/")).empty());
  CHECK_THAT(refusal({{"a.txt", "x"}}), Contains("no one-shot runs"));
  Files files = one_run("run01/", "run01/");
  files.erase("run01/test/item03.png");
  CHECK_THAT(refusal(files), Contains("this one 20 and 19") && Contains("run01"));
  files = one_run("run01/", "run01/");
  files["run01/training/class21.png"] = sseg_test::square_png(105, 1, 1);
  CHECK_THAT(refusal(files), Contains("this one 21 and 20"));
  files = one_run("run01/", "run01/");
  files.erase("run01/class_labels.txt");
  CHECK_THAT(refusal(files), Contains("no class_labels.txt"));
  files = one_run("run01/", "run01/");
  files["run01/test/item03.png"] = sseg_test::square_png(28, 1, 1);
  CHECK_THAT(refusal(files), Contains("28 x 28"));
  files = one_run("a/run01/", "run01/");
  files.merge(one_run("b/run01/", "run01/"));
  CHECK_THAT(refusal(files), Contains("two sets of runs"));
}

TEST_CASE("class_labels.txt that is not a one-to-one assignment is refused") {
  const std::string rows = one_run("", "run01/").at("class_labels.txt");
  CHECK(labels_refusal(rows + "\n  \r\n").empty());
  CHECK_THAT(labels_refusal(""), Contains("this one 0"));
  CHECK_THAT(labels_refusal(rows.substr(0, rows.rfind("run01/test"))), Contains("this one 19"));
  CHECK_THAT(labels_refusal(rows + rows), Contains("occurs in two rows") && Contains("row 21"));
  const std::string head = "run01/test/item01.png ";
  CHECK_THAT(labels_refusal(head), Contains("row 1") && Contains("a row is"));
  CHECK_THAT(labels_refusal(head + "a b"), Contains("a row is"));
  CHECK_THAT(labels_refusal(head + "run01/training/class99.png"), Contains("class99"));
  CHECK_THAT(labels_refusal(head + "run01/test/item01.png"), Contains("no training image"));
  CHECK_THAT(labels_refusal(head + "run02/training/class01.png"), Contains("no training image of this run"));
  CHECK_THAT(labels_refusal("class01.png run01/training/class01.png"), Contains("no test image"));
  CHECK_THAT(labels_refusal(head + "run01/training/class01.png\nrun01/test/item02.png run01/training/class01.png"),
             Contains("occurs in two rows"));
  CHECK_THAT(labels_refusal(std::string(100'000, 'x')), Contains("larger than the limit"));
  CHECK_THAT(labels_refusal(std::string(60'000, '/')), Contains("a row is"));
}

TEST_CASE("damaged class_labels.txt does no harm") {
  const TempFolder folder;
  const Files files = one_run("run01/", "run01/");
  for (const auto& [name, bytes] : files) folder.add(name, bytes);
  const std::string& rows = files.at("run01/class_labels.txt");
  sseg::Rng rng(11);
  for (int round = 0; round < 40; ++round) {
    std::string damaged = rows;
    damaged[sseg::to_size(rng.below(static_cast<Index>(rows.size())))] = static_cast<char>(rng.below(256));
    folder.add("run01/class_labels.txt", damaged.substr(0, rows.size() - sseg::to_size(rng.below(2))));
    CHECK(sseg_test::ends_well([&] { load_omniglot_runs(folder.path(), {8}); }));
  }
}

TEST_CASE("the official one-shot runs are read") {
  const auto zip = sseg_test::real_data("omniglot/one_shot_runs_01_10.zip");
  if (!zip) SSEG_SKIP("no Omniglot data (set SSEG_DATA_DIR)");
  const auto runs = load_omniglot_runs(*zip);
  REQUIRE(runs.size() == 10);
  CHECK(runs[0].name == "run01");
  CHECK(runs[9].name == "run10");
  CHECK(runs[0].test.label == std::vector<Index>{7, 8, 1, 18, 9, 17, 12, 0, 3, 10, 16, 2, 19, 6, 11, 4, 5, 14, 13, 15});
}

}  // namespace omniglot_runs_test
