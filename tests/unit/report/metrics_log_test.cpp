#include "sseg/report/metrics_log.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "sseg/report/read_metrics.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace metrics_log_test {

using sseg::MetricsLog;
using sseg::MutationRecord;

namespace {

std::vector<std::string> lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

}  // namespace

TEST_CASE("every look at the probe writes a line with its mean loss and the last step's learning rate") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl";
  MetricsLog log(file, json, false, 0, 1000, 5000);
  log.on_step({{1, 10}, 2.0, 0.5f});
  log.on_step({{2, 10}, 3.0, 0.25f});
  log.on_probe({{2, 10}, 0.75, 2.5});
  log.on_step({{3, 10}, 1.0, 0.125f});
  log.on_probe({{3, 10}, 0.875, 1.0});
  CHECK(lines(file) ==
        std::vector<std::string>{"step,loss,rate,probe,mutations,params,macs,level_1,level_2,level_3,level_4,knn",
                                 "2,2.5,0.25,0.75,0,1000,5000,0,0,0,0,nan", "3,1,0.125,0.875,0,1000,5000,0,0,0,0,nan"});
  CHECK(lines(json) == std::vector<std::string>{
                           R"({"step":2,"loss":2.5,"rate":0.25,"probe":0.75,"mutations":0,"params":1000,"macs":5000,)"
                           R"("level_1":0,"level_2":0,"level_3":0,"level_4":0,"knn":null})",
                           R"({"step":3,"loss":1,"rate":0.125,"probe":0.875,"mutations":0,"params":1000,"macs":5000,)"
                           R"("level_1":0,"level_2":0,"level_3":0,"level_4":0,"knn":null})"});
}

TEST_CASE("mutations are counted and change the sizes of the lines after them") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl";
  MetricsLog log(file, json, false, 2, 1000, 5000);
  log.on_step({{1, 10}, 2.0, 0.5f});
  log.on_probe({{1, 10}, 0.5, 2.0});
  MutationRecord grown;
  grown.params_after = 1500;
  grown.macs_after = 9000;
  log.on_mutation(grown);
  log.on_step({{2, 10}, 1.0, 0.5f});
  log.on_probe({{2, 10}, 0.5, 1.0});
  CHECK(lines(file)[1] == "1,2,0.5,0.5,2,1000,5000,0,0,0,0,nan");
  CHECK(lines(file)[2] == "2,1,0.5,0.5,3,1500,9000,0,0,0,0,nan");
}

TEST_CASE("a resumed log goes on in the file, and a look without a step has no loss") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl";
  {
    MetricsLog log(file, json, false, 0, 1, 1);
    log.on_probe({{5, 10}, 0.5});
  }
  MetricsLog log(file, json, true, 1, 1, 1);
  log.on_step({{6, 10}, 4.0, 0.5f});
  log.on_probe({{6, 10}, 0.5, 4.0});
  CHECK(lines(file) ==
        std::vector<std::string>{"step,loss,rate,probe,mutations,params,macs,level_1,level_2,level_3,level_4,knn",
                                 "5,nan,0,0.5,0,1,1,0,0,0,0,nan", "6,4,0.5,0.5,1,1,1,0,0,0,0,nan"});
  REQUIRE(lines(json).size() == 2);
  CHECK(lines(json)[0].starts_with(R"({"step":5,"loss":null,"rate":0,"probe":0.5,)"));
  CHECK(lines(json)[1].starts_with(R"({"step":6,"loss":4,"rate":0.5,"probe":0.5,)"));
}

TEST_CASE("the accuracy of neighbours has a column, and a run of an older version gets it when it goes on") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl", other = folder / "sensitivity.csv";
  folder.add("metrics.csv",
             "step,loss,rate,probe,mutations,params,macs\n1,2,0.5,0.5,0,10,20\n2,1,0.5,0.5,0,10,20\n3,1");
  folder.add("sensitivity.csv", "step,stage,sensitivity\n1,0,0.5\n");
  for (const auto& each : {file, json, other}) sseg::trim_metrics(each, 1);
  {
    MetricsLog log(file, json, true, 0, 10, 20);
    log.on_probe({.at = {2, 10}, .probe = 0.5, .loss = 1, .knn = 0.25});
  }
  CHECK(lines(file) ==
        std::vector<std::string>{"step,loss,rate,probe,mutations,params,macs,level_1,level_2,level_3,level_4,knn",
                                 "1,2,0.5,0.5,0,10,20,0,0,0,0,nan", "2,1,0,0.5,0,10,20,0,0,0,0,0.25"});
  CHECK(lines(json).at(0).ends_with(R"("knn":0.25})"));
  CHECK(lines(other) == std::vector<std::string>{"step,stage,sensitivity", "1,0,0.5"});
  const auto rows = sseg::read_metrics(file);
  CHECK(rows.at(0).knn != rows.at(0).knn);
  CHECK(rows.at(1).knn == 0.25);
  for (const auto& each : {file, json}) sseg::trim_metrics(each, 2);  // today's columns stay as they are
  CHECK(sseg::read_metrics(file).at(1).knn == 0.25);
}

TEST_CASE("lines after the last checkpoint and a torn one are dropped, from both files alike") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl";
  {
    MetricsLog log(file, json, false, 0, 1, 1);
    for (sseg::Index step = 1; step <= 4; ++step) log.on_probe({{step, 10}, 0.5, 1.0});
  }
  std::ofstream(file, std::ios::app) << "5,1,0";
  std::ofstream(json, std::ios::app) << R"({"step":2,"lo)";
  for (const auto& each : {file, json}) sseg::trim_metrics(each, 3);
  REQUIRE(lines(file).size() == 1 + 3);
  CHECK(lines(file)[0].starts_with("step,loss"));
  CHECK(lines(file)[3].starts_with("3,"));
  REQUIRE(lines(json).size() == 3);
  CHECK(lines(json)[2].starts_with(R"({"step":3,)"));
  for (const auto& each : {file, json}) sseg::trim_metrics(each, 0);
  CHECK(lines(file).size() == 1);
  CHECK(lines(json).empty());
  sseg::trim_metrics(folder / "none.csv", 0);
  CHECK_FALSE(std::filesystem::exists(folder / "none.csv"));
}

TEST_CASE("metrics are read back, without a torn line") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv", json = folder / "metrics.jsonl";
  CHECK_THAT(sseg_test::message_of([&] { sseg::read_metrics(file); }), sseg_test::Contains("metrics.csv"));
  {
    MetricsLog log(file, json, false, 0, 1000, 5000);
    log.on_step({{1, 10}, 2.0, 0.1f});
    log.on_probe({{1, 10}, 1.0 / 3, 2.5});
    log.on_probe({{2, 10}, 0.5});
  }
  std::ofstream(file, std::ios::app) << "3,1,0";
  const auto rows = sseg::read_metrics(file);
  REQUIRE(rows.size() == 2);
  CHECK((rows[0].step == 1 && rows[0].rate == 0.1f && rows[0].probe == 1.0 / 3 && rows[0].params == 1000));
  CHECK(rows[1].loss != rows[1].loss);
  folder.add("older.csv", "step,loss\n7,1.5\n");  // of a version with fewer columns
  CHECK(sseg::read_metrics(folder / "older.csv").at(0).loss == 1.5);
  CHECK_FALSE(sseg::read_metrics(folder / "older.csv").at(0).knn >= 0);
  folder.add("torn.csv", "step,lo");
  CHECK(sseg::read_metrics(folder / "torn.csv").empty());
  folder.add("bad.csv", "step,loss\n7,much\n");
  CHECK_THAT(sseg_test::message_of([&] { sseg::read_metrics(folder / "bad.csv"); }),
             sseg_test::Contains("row 1, column 'loss'"));
}

}  // namespace metrics_log_test
