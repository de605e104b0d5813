#include "sseg/report/metrics_log.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"

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
  const auto file = folder / "metrics.csv";
  MetricsLog log(file, false, 0, 1000, 5000);
  log.on_step({{1, 10}, 2.0, 0.5f});
  log.on_step({{2, 10}, 3.0, 0.25f});
  log.on_probe({{2, 10}, 0.75, 2.5});
  log.on_step({{3, 10}, 1.0, 0.125f});
  log.on_probe({{3, 10}, 0.875, 1.0});
  CHECK(lines(file) ==
        std::vector<std::string>{"step,loss,rate,probe,mutations,params,macs,level_1,level_2,level_3,level_4",
                                 "2,2.5,0.25,0.75,0,1000,5000,0,0,0,0", "3,1,0.125,0.875,0,1000,5000,0,0,0,0"});
}

TEST_CASE("mutations are counted and change the sizes of the lines after them") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv";
  MetricsLog log(file, false, 2, 1000, 5000);
  log.on_step({{1, 10}, 2.0, 0.5f});
  log.on_probe({{1, 10}, 0.5, 2.0});
  MutationRecord grown;
  grown.params_after = 1500;
  grown.macs_after = 9000;
  log.on_mutation(grown);
  log.on_step({{2, 10}, 1.0, 0.5f});
  log.on_probe({{2, 10}, 0.5, 1.0});
  CHECK(lines(file)[1] == "1,2,0.5,0.5,2,1000,5000,0,0,0,0");
  CHECK(lines(file)[2] == "2,1,0.5,0.5,3,1500,9000,0,0,0,0");
}

TEST_CASE("a resumed log goes on in the file, and a look without a step has no loss") {
  const sseg_test::TempFolder folder;
  const auto file = folder / "metrics.csv";
  {
    MetricsLog log(file, false, 0, 1, 1);
    log.on_probe({{5, 10}, 0.5});
  }
  MetricsLog log(file, true, 1, 1, 1);
  log.on_step({{6, 10}, 4.0, 0.5f});
  log.on_probe({{6, 10}, 0.5, 4.0});
  CHECK(lines(file) ==
        std::vector<std::string>{"step,loss,rate,probe,mutations,params,macs,level_1,level_2,level_3,level_4",
                                 "5,nan,0,0.5,0,1,1,0,0,0,0", "6,4,0.5,0.5,1,1,1,0,0,0,0"});
}
