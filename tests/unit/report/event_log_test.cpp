#include "sseg/report/event_log.hpp"

#include <string>

#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"
#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"
#include "unit/report/event_file.hpp"

namespace event_log_test {

using namespace sseg;

namespace {

const std::vector<EventHparam> settings{{"train.steps", 20.0}};

auto logged(const sseg_test::TempFolder& folder) {
  return sseg_test::values_in(sseg_test::newest_event_file(folder.path()));
}

}  // namespace

TEST_CASE("every look at the probe writes the numbers of metrics.csv, and nothing between two looks") {
  const sseg_test::TempFolder folder;
  EventLog log(folder.path(), {0, 0, 1000, 5000}, settings);
  const auto before = std::filesystem::file_size(sseg_test::newest_event_file(folder.path()));
  log.on_step({{1, 10}, 2.0, 0.5f});
  log.on_step({{2, 10}, 3.0, 0.25f});
  CHECK(std::filesystem::file_size(sseg_test::newest_event_file(folder.path())) == before);
  log.on_probe({{2, 10}, 0.75, 2.5, {0.5, 0.5, 0, 0}, 0.125});
  MutationRecord grown;
  grown.step = 2;
  grown.kind = "grow";
  grown.place = "stage #1";
  grown.net_after = "4+1";
  grown.params_after = 1500;
  grown.macs_after = 9000;
  log.on_mutation(grown);
  log.on_probe({{4, 10}, 0.5});  // no step since: no loss

  auto values = logged(folder);
  const auto scalar = [&](const char* tag, std::size_t i) { return values.at(tag).at(i).value.at(2).as_float(); };
  CHECK(scalar("training/probe", 0) == 0.75f);
  CHECK(scalar("training/loss", 0) == 2.5f);
  CHECK(values.at("training/loss").size() == 1);
  CHECK(scalar("training/knn", 0) == 0.125f);
  CHECK(values.at("training/knn").size() == 1);  // not watched, not told
  CHECK(scalar("training/rate", 0) == 0.25f);
  CHECK(scalar("net/params", 0) == 1000.f);
  CHECK(scalar("net/params", 1) == 1500.f);
  CHECK(scalar("net/macs", 1) == 9000.f);
  CHECK(scalar("net/mutations", 0) == 0.f);
  CHECK(scalar("net/mutations", 1) == 1.f);
  CHECK(scalar("curriculum/level_2", 0) == 0.5f);
  CHECK(scalar("curriculum/level_4", 0) == 0.f);
  CHECK(values.at("curriculum/level_1").size() == 1);  // no shares, no curriculum
  CHECK(values.at("training/probe")[1].step == 4);
  const std::string text = values.at("mutations/text_summary")[0].value.message(8).text(8);
  CHECK(text.find("**grow** stage #1, net 4+1") == 0);
  CHECK(text.find("| parameters | 0 | 1500 |") != text.npos);
}

TEST_CASE("verdicts of the collapse monitor are text") {
  const sseg_test::TempFolder folder;
  EventLog log(folder.path(), {}, settings);
  log.on_collapse({.step = 6, .verdict = Collapse::constant});
  const auto values = logged(folder);
  const auto& note = values.at("collapse/text_summary").at(0);
  CHECK(note.step == 6);
  CHECK(note.value.message(8).text(8).find("same features") != std::string::npos);
}

TEST_CASE("parameters are histograms once a step, statistics are not") {
  const sseg_test::TempFolder folder;
  EventLog log(folder.path(), {}, settings);
  using Net = Chain<Linear>;
  auto state = start_training<float>(chain(Linear{.in = 3, .out = 2}), 0, Rng(1));
  state.step = 5;
  log.on_state(state);
  log.on_state(state);  // the end of a run that stops right after a look
  state.step = 6;
  log.on_state<Net>(state);
  const auto values = logged(folder);
  const auto& weight = values.at("student/net/0/weight");
  REQUIRE(weight.size() == 2);
  CHECK(weight[0].step == 5);
  CHECK(weight[1].step == 6);
  CHECK(weight[0].value.message(5).at(3).as_double() == 6);
  CHECK(values.at("student/net/0/bias")[0].value.message(5).at(3).as_double() == 2);
}

TEST_CASE("a run says how it began and ended, and a resumed one what is void") {
  const sseg_test::TempFolder folder;
  {
    EventLog log(folder.path(), {}, settings);
    const auto events = sseg_test::events_in(sseg_test::newest_event_file(folder.path()));
    CHECK(events[1].at(2).value == 1);  // before step 1 there may be sample views
    CHECK(events[1].message(7).at(1).value == 1);
    CHECK(logged(folder).count("_hparams_/session_end_info") == 0);
    log.finish(20);
    const auto values = logged(folder);
    CHECK(values.at("_hparams_/experiment")[0].value.message(9).message(1).text(1) == "hparams");
    CHECK(values.count("_hparams_/session_start_info") == 1);
    CHECK(values.at("_hparams_/session_end_info")[0].step == 20);
  }
  const EventLog resumed(folder.path(), {12, 1, 10, 20}, settings);
  const auto events = sseg_test::events_in(sseg_test::newest_event_file(folder.path()));
  CHECK(events[1].at(2).value == 13);
  CHECK(events[1].message(7).at(1).value == 1);
}

}  // namespace event_log_test
