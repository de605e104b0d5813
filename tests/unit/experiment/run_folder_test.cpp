#include "sseg/experiment/run_folder.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace run_folder_test {

namespace fs = std::filesystem;
using sseg::RunFolder;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

TEST_CASE("runs of the same second get folders of their own, and latest points to the newest") {
  const TempFolder root;
  std::set<fs::path> seen;
  for (int n = 0; n < 12; ++n) {
    const RunFolder run = RunFolder::create(root.path(), "demo");
    CHECK(fs::is_directory(run.path()));
    CHECK(fs::is_empty(run.path()));
    CHECK(run.path().parent_path() == root / "demo");
    CHECK(seen.insert(run.path()).second);
    std::ofstream(run.metrics()) << "kept";
    REQUIRE(fs::is_symlink(root / "demo/latest"));
    CHECK(fs::equivalent(root / "demo/latest", run.path()));
    CHECK(fs::read_symlink(root / "demo/latest").is_relative());  // so that the root may move
  }
  for (const auto& path : seen) CHECK(fs::file_size(path / "metrics.csv") == 4);
  CHECK_FALSE(fs::exists(root / "demo/.latest.next"));
}

TEST_CASE("a run folder is named by date and time") {
  const TempFolder root;
  const std::string name = RunFolder::create(root.path(), "a run").path().filename().string();
  std::string pattern = name;
  for (char& c : pattern)
    if (c >= '0' && c <= '9') c = '0';
  CHECK(pattern == "0000-00-00_00-00-00");
}

TEST_CASE("the root is made where it is missing") {
  const TempFolder root;
  CHECK(fs::is_directory(RunFolder::create(root / "not/yet/there", "demo").path()));
}

TEST_CASE("the files of a run lie in its folder") {
  const RunFolder run(fs::path("somewhere"));
  std::set<fs::path> files{run.config(),  run.metrics(),    run.metrics_json_lines(), run.meta(),
                           run.history(), run.checkpoint(), run.evaluation()};
  CHECK(files.size() == 7);
  for (const auto& file : files) CHECK(file.parent_path() == "somewhere");
  CHECK_FALSE(fs::exists("somewhere"));
}

TEST_CASE("names that are no plain word are refused") {
  const TempFolder root;
  for (const char* name : {"", ".", "..", "a/b", "/tmp", "../up"})
    CHECK_THAT(message_of([&] { RunFolder::create(root.path(), name); }), Contains("is no name for a run"));
  CHECK(fs::is_empty(root.path()));
}

TEST_CASE("a place where no folder can be made is an error with its name") {
  const TempFolder root;
  root.add("file", "not a folder");
  CHECK_THAT(message_of([&] { RunFolder::create(root / "file", "demo"); }), Contains("cannot make a run folder"));
  root.add("demo", "not a folder either");
  CHECK_THAT(message_of([&] { RunFolder::create(root.path(), "demo"); }), Contains((root / "demo").string()));
}

}  // namespace run_folder_test
