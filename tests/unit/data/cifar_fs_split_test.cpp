#include "sseg/data/cifar_fs_split.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/data_dir.hpp"

namespace cifar_fs_split_test {

using sseg::cifar_fs_split;
using sseg::Split;

TEST_CASE("the CIFAR-FS splits are 64, 16 and 20 classes, sorted, none twice") {
  std::set<std::string_view> all;
  for (const auto& [split, count] : {std::pair{Split::train, 64u}, {Split::validation, 16u}, {Split::test, 20u}}) {
    const auto classes = cifar_fs_split(split);
    CHECK(classes.size() == count);
    CHECK(std::is_sorted(classes.begin(), classes.end()));
    all.insert(classes.begin(), classes.end());
  }
  CHECK(all.size() == 100);
}

TEST_CASE("the CIFAR-FS splits are the published ones") {
  const auto file = sseg_test::real_data("splits/cifar_fs_split.txt");
  if (!file) SSEG_SKIP("no list of the CIFAR-FS splits (set SSEG_DATA_DIR)");
  std::vector<std::string> train, validation, test;
  std::ifstream lines(*file);
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (line.empty() || line[0] == '#' || tab == line.npos) continue;
    const std::string split = line.substr(0, tab);
    (split == "train" ? train : split == "val" ? validation : test).push_back(line.substr(tab + 1));
  }
  const auto equal = [](Split split, const std::vector<std::string>& expected) {
    const auto classes = cifar_fs_split(split);
    return std::equal(classes.begin(), classes.end(), expected.begin(), expected.end());
  };
  CHECK(equal(Split::train, train));
  CHECK(equal(Split::validation, validation));
  CHECK(equal(Split::test, test));
}

}  // namespace cifar_fs_split_test
