#include "sseg/report/sensitivity_log.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "sseg/io/read_file.hpp"
#include "sseg/report/metrics_log.hpp"
#include "support/catch.hpp"

namespace sensitivity_log_test {

using namespace sseg;

namespace {

struct Meter {
  std::vector<double> all;
  const std::vector<double>& values() const { return all; }
};
struct State {
  Index step = 0;
  Meter sensitivity;
};

}  // namespace

TEST_CASE("sensitivities are written after looks at the probe alone, and a resumed file is the same") {
  const auto folder = std::filesystem::temp_directory_path() / "sseg_sensitivity_log_test";
  std::filesystem::create_directories(folder);
  const auto file = folder / "sensitivity.csv";
  const std::string whole = "step,stage,sensitivity\n10,0,0.5\n10,1,0.25\n20,0,1\n20,1,2\n20,2,3\n";
  {
    SensitivityLog log(file, false);
    log.on_probe({});
    log.on_state(State{10, {{0.5, 0.25}}});
    log.on_state(State{13, {{9, 9}}});  // stopped in between
    log.on_probe({});
    log.on_state(State{20, {{7, 7}}});  // killed before the checkpoint
  }
  trim_metrics(file, 13);
  {
    SensitivityLog log(file, true);
    log.on_probe({});
    log.on_state(State{20, {{1, 2, 3}}});
  }
  CHECK(read_file(file, 1000) == whole);
  std::filesystem::remove_all(folder);
}

}  // namespace sensitivity_log_test
