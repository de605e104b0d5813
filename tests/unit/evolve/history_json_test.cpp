#include <limits>

#include "sseg/evolve/history.hpp"
#include "sseg/evolve/mutation_selector.hpp"
#include "sseg/evolve/stage_scores.hpp"
#include "sseg/io/fields_json.hpp"
#include "support/catch.hpp"

namespace history_json_test {

using namespace sseg;

namespace {
template <class T>
T through_json(const T& value) {
  T back{};
  fields_from_json(parse_json(to_text(fields_to_json(value)), "text"), back, "text");
  return back;
}
}  // namespace

TEST_CASE("A history comes back from JSON whole, edits and keys of draws too") {
  MutationRecord m;
  m.step = 7;
  m.kind = "widen_net2wider";
  m.edit = {.kind = m.kind,
            .stage = 1,
            .channels = 9,
            .mapping = {0, 2, 2},
            .filters = {0.1f, -1e-30f, 3},
            .seed = 5,
            .draw = std::numeric_limits<std::uint64_t>::max() - 1};
  const History history{m, MutationRecord{}};
  CHECK(through_json(history) == history);
}

TEST_CASE("A history from before edits were recorded still loads, without edits") {
  MutationRecord m;
  fields_from_json(parse_json(R"({"step": 3, "kind": "grow"})", "text"), m, "text");
  CHECK(m.step == 3);
  CHECK(m.edit == EditRecord{});
}

TEST_CASE("Settings of the selector and records of a sensitivity come back from JSON") {
  MutationSelector s{.choice = "trial", .cost_step = 0.1, .trial_count = 5};
  s.budget.max_macs = 1000;
  s.fitness.floor = 0.25;
  CHECK(through_json(s) == s);
  const StageScoresRecord r{{0, 4}, {0.5, 1e-9}, {{0.25, 0.25}, {}}};
  CHECK(through_json(r) == r);
}

}  // namespace history_json_test
