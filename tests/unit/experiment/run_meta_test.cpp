#include "sseg/experiment/run_meta.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace run_meta_test {

using sseg::read_run_meta;
using sseg::RunMeta;
using sseg::RunMetaFile;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

const std::vector<std::string> command{"build/train_sseg", "--threads", "2", "seed=7"};

struct Plain {
  static constexpr std::string_view name = "plain";
};

bool is_utc(const std::string& text) {
  std::string pattern = text;
  for (char& c : pattern)
    if (c >= '0' && c <= '9') c = '0';
  return pattern == "0000-00-00T00:00:00Z";
}

}  // namespace

TEST_CASE("a run's meta.json says at once that it runs, and at the end how it ended") {
  const TempFolder folder;
  const auto file = folder / "meta.json";
  RunMetaFile meta(file, command, 2, 7, "AVX2");
  const RunMeta running = read_run_meta(file);
  CHECK(running == meta.meta());
  CHECK(running.arithmetic == "AVX2");
  CHECK(running.status == "running");
  CHECK(running.program == "train_sseg");
  CHECK(running.command == command);
  CHECK(running.version == sseg::library_version);
  CHECK((running.compiler.starts_with("gcc ") || running.compiler.starts_with("clang ")));
  CHECK((running.threads == 2 && running.seed == 7 && running.resumed == 0 && running.seconds == 0));
  CHECK(is_utc(running.started));
  CHECK(running.ended.empty());
  meta.end("finished");
  const RunMeta finished = read_run_meta(file);
  CHECK(finished.status == "finished");
  CHECK(finished.started == running.started);
  CHECK(is_utc(finished.ended));
  CHECK(finished.seconds > 0);
  CHECK(finished.seconds < 60);
  CHECK((finished.peak_memory_mb > 1 && finished.peak_memory_mb < 20000));
}

TEST_CASE("a backend's arithmetic is put into words") {
  CHECK(sseg::arithmetic_of(Plain{}) == "plain");
  using Slow = sseg::BasicCpu<4>;
  CHECK(sseg::arithmetic_of(Slow(1)) == "baseline, Winograd");
  CHECK(sseg::arithmetic_of(Slow(sseg::CpuOptions{.threads = 1, .winograd = false})) == "baseline");
}

TEST_CASE("a run that ends without a word has failed") {
  const TempFolder folder;
  { const RunMetaFile meta(folder / "meta.json", command, 1, 1); }
  CHECK(read_run_meta(folder / "meta.json").status == "failed");
  {
    RunMetaFile meta(folder / "meta.json", command, 1, 1);
    meta.end("interrupted");
  }
  CHECK(read_run_meta(folder / "meta.json").status == "interrupted");
}

TEST_CASE("a run that goes on keeps its first start and adds up its seconds") {
  const TempFolder folder;
  const auto file = folder / "meta.json";
  folder.add("meta.json", R"({"program":"x","started":"2001-02-03T04:05:06Z","ended":"2001-02-03T05:00:00Z",
                             "seconds":1000,"status":"interrupted","seed":7})");
  RunMetaFile meta(file, command, 1, 7);
  RunMeta now = read_run_meta(file);
  CHECK((now.started == "2001-02-03T04:05:06Z" && now.ended.empty() && now.status == "running" && now.resumed == 1));
  CHECK(now.seconds == 1000);
  meta.end("finished");
  now = read_run_meta(file);
  CHECK(now.seconds > 1000);
  CHECK(now.seconds < 1060);
}

TEST_CASE("neither a damaged meta.json nor odd bytes in the command keep a run from starting") {
  const TempFolder folder;
  const auto file = folder / "meta.json";
  for (const char* damaged : {"", "{", "[]", R"({"status":7})", R"({"colour":"red"})"}) {
    folder.add("meta.json", damaged);
    CHECK_FALSE(message_of([&] { read_run_meta(file); }).empty());
    const RunMetaFile meta(file, {"x", "\xFF"}, 1, 1);
    CHECK(read_run_meta(file).command.back() == "\uFFFD");
    CHECK(read_run_meta(file).resumed == 0);
  }
}

TEST_CASE("a meta.json that cannot be written is an error with its place") {
  const TempFolder folder;
  CHECK_THAT(message_of([&] { RunMetaFile(folder / "no/such/meta.json", command, 1, 1); }), Contains("no/such"));
}

TEST_CASE("the processor is named as cpuinfo names it") {
  const TempFolder folder;
  folder.add("cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: Other\n");
  folder.add("empty", "model name\t:\n");
  folder.add("none", "hart : 0\n");
  CHECK(sseg::detail::cpu_name(folder / "cpuinfo") == "Some CPU @ 2 GHz");
  for (const char* file : {"empty", "none", "not there"}) CHECK(sseg::detail::cpu_name(folder / file).empty());
}

}  // namespace run_meta_test
