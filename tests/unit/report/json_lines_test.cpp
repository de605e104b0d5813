#include "sseg/report/json_lines.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "sseg/io/json.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

using sseg::JsonLinesWriter;
using sseg::to_json_line;
using sseg_test::TempFolder;

namespace json_lines_test {

struct Inner {
  float rate = 0.1f;
  bool on = true;
};
struct Record {
  std::string name;
  std::int64_t count = -3;
  std::uint64_t seed = std::numeric_limits<std::uint64_t>::max();
  double share = 1e-9;
  std::vector<double> list{};
  Inner inner{};
};

}  // namespace json_lines_test

SSEG_FIELDS(json_lines_test::Inner, rate, on);
SSEG_FIELDS(json_lines_test::Record, name, count, seed, share, list, inner);

using json_lines_test::Record;

TEST_CASE("a record is one line of JSON, fields in their order, numbers with their shortest digits") {
  CHECK(to_json_line(Record{"a", 1, 2, 0.5, {1, 2.5}, {}}) ==
        R"({"name":"a","count":1,"seed":2,"share":0.5,"list":[1,2.5],"inner":{"rate":0.1,"on":true}})");
  CHECK(to_json_line(Record{.name = ""}) ==
        R"({"name":"","count":-3,"seed":18446744073709551615,"share":1e-09,"list":[],"inner":{"rate":0.1,"on":true}})");
}

TEST_CASE("numbers that JSON does not have are null") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(to_json_line(std::vector<double>{std::numeric_limits<double>::quiet_NaN(), infinity, -infinity, 0}) ==
        "[null,null,null,0]");
}

TEST_CASE("any text comes back from a line of JSON, and what is not UTF-8 is replaced") {
  std::string all;
  for (char c = 0; c < 0x7F; ++c) all += c;
  all += "\x7F é 中 🙂 \xE2\x80\xA8";
  CHECK(sseg::parse_json(to_json_line(all), "line").get<std::string>() == all);
  CHECK(to_json_line(all).find('\n') == std::string::npos);
  CHECK(sseg::parse_json(to_json_line(std::string("a\xFFz\xC3")), "line").get<std::string>() == "a\uFFFDz\uFFFD");
}

TEST_CASE("records are lines, written at once, and appended by a resumed run") {
  const TempFolder folder;
  const auto file = folder / "lines.jsonl";
  JsonLinesWriter writer(file);
  writer.write(json_lines_test::Inner{0.25f, false});
  CHECK(sseg::read_file(file) == "{\"rate\":0.25,\"on\":false}\n");
  JsonLinesWriter(file, true).write(json_lines_test::Inner{});
  CHECK(sseg::read_file(file) == "{\"rate\":0.25,\"on\":false}\n{\"rate\":0.1,\"on\":true}\n");
  { const JsonLinesWriter opened(file); }
  CHECK(sseg::read_file(file).empty());
}

TEST_CASE("a file of lines that cannot be opened or written is an error with its place") {
  const TempFolder folder;
  const auto nowhere = folder / "no/such/folder/lines.jsonl";
  CHECK_THAT(sseg_test::message_of([&] { JsonLinesWriter{nowhere}; }), sseg_test::Contains(nowhere.string()));
  if (!std::filesystem::exists("/dev/full")) SSEG_SKIP("no /dev/full here");
  JsonLinesWriter full("/dev/full");
  CHECK_THAT(sseg_test::message_of([&] { full.write(json_lines_test::Inner{}); }),
             sseg_test::Contains("cannot write the table"));
}
