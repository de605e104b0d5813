#include "sseg/experiment/answer_writer.hpp"

#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/temp_folder.hpp"

namespace answer_writer_test {

using namespace sseg;
using sseg_test::Contains;

namespace {

/// What the writer asks of a classifier.
struct Named {
  struct Net {
    static std::string protocol() { return "cosine of features"; }
  };
  static constexpr std::string_view none_of_these = KnownClasses::none_of_these, unreadable = KnownClasses::unreadable;
  KnownClasses known{};

  const KnownClasses& classes() const { return known; }
  static Net net() { return {}; }
  std::string label(const PictureAnswer& a) const {
    return a.none_of_these ? std::string(none_of_these) : known.names[to_size(a.nearest)];
  }
};

std::string written(const Named& classifier, const std::string& format, const std::vector<QueryResult>& results) {
  const sseg_test::TempFolder folder;
  AnswerWriter writer(classifier, format, folder / "answers");
  for (const QueryResult& r : results) writer.add(r);
  writer.finish();
  return read_file(folder / "answers");
}

const std::string replaced = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace

TEST_CASE("names and paths that are not UTF-8 make valid JSON, and stay as they are in CSV") {
  const Named latin{{.names = {"caf\xe9", "gro\xc3\x9f"}}};
  const std::vector<QueryResult> results{
      {"a/\xff.png", PictureAnswer{.nearest = 0, .runner_up = 1, .confidence = 0.75, .runner_up_confidence = 0.25}},
      {"b.png", PictureAnswer{.nearest = 1, .runner_up = 0, .confidence = 0.5, .runner_up_confidence = 0.5}},
      {"c.png", PictureAnswer{.nearest = 0, .runner_up = 1, .none_of_these = true, .confidence = 0.5}},
      {"d\xe4.png", {}, "no picture: \xfe"}};
  const std::string text = written(latin, "json", results);
  CHECK(as_utf8(text) == text);
  const Json json = parse_json(text, "answers.json");
  CHECK(json["classes"] == Json{"caf" + replaced, "gro\xc3\x9f"});
  const Json& answers = json["answers"];
  REQUIRE(answers.size() == 4);
  CHECK((answers[0]["path"] == "a/" + replaced + ".png" && answers[0]["label"] == "caf" + replaced));
  CHECK((answers[0]["runner_up"] == "gro\xc3\x9f" && answers[0]["runner_up_confidence"] == 0.25));
  CHECK((answers[1]["label"] == "gro\xc3\x9f" && answers[1]["runner_up"] == "caf" + replaced));
  CHECK((answers[2]["label"] == "none of these" && answers[2]["runner_up"] == "caf" + replaced));
  CHECK((answers[3]["path"] == "d" + replaced + ".png" && answers[3]["reason"] == "no picture: " + replaced));

  const std::string csv = written(latin, "csv", results);
  CHECK_THAT(csv, Contains("\na/\xff.png,caf\xe9,0.7500,gro\xc3\x9f,0.2500,0.0000,\n"));
  CHECK_THAT(csv, Contains("\nc.png,none of these,,caf\xe9,0.5000,0.0000,\n"));
  CHECK_THAT(csv, Contains("\nd\xe4.png,unreadable,,,,,no picture: \xfe\n"));
}

TEST_CASE("the threshold in the answers is a number, also 0, or null where there is none") {
  Named one{{.names = {"cat"}}};
  const QueryResult lonely{"a.png", PictureAnswer{.nearest = 0, .confidence = 1, .score = 0.5f}};
  CHECK(parse_json(written(one, "json", {lonely}), "json")["threshold"].is_null());
  one.known.calibration = {.scale = 2, .threshold = 0.0};
  const Json json = parse_json(written(one, "json", {lonely}), "json");
  CHECK((json["threshold"] == 0 && json["scale"] == 2));
  CHECK((json["answers"][0]["runner_up"].is_null() && json["answers"][0]["runner_up_confidence"].is_null()));
  CHECK((json["answers"][0]["score"] == 0.5 && json["answers"][0]["confidence"] == 1));
  CHECK_THAT(written(one, "csv", {lonely}), Contains("\na.png,cat,1.0000,,,0.5000,\n"));
  CHECK(parse_json(written(one, "json", {}), "json")["answers"].empty());
}

}  // namespace answer_writer_test
