#include "sseg/train/callbacks/heard_if.hpp"

#include <vector>

#include "sseg/ssl/collapse_report.hpp"
#include "support/catch.hpp"

namespace heard_if_test {

using namespace sseg;

namespace {

struct Record {};
struct State {};

/// Hears everything.
struct All {
  std::vector<int>& heard;
  explicit All(std::vector<int>& words) : heard(words) {}
  void on_step(const StepInfo&) { heard.push_back(1); }
  void on_probe(const ProbeInfo&) { heard.push_back(2); }
  void on_mutation(const Record&) { heard.push_back(3); }
  void on_state(const State&) { heard.push_back(4); }
  void on_collapse(const CollapseReport&) { heard.push_back(5); }
  void on_end(const EndInfo&) { heard.push_back(6); }
};
/// Hears the end alone, and counts how often it is made.
struct End {
  int& made;
  explicit End(int& count) : made(count) { ++made; }
  void on_end(const EndInfo&) {}
};

}  // namespace

TEST_CASE("A callback that is wanted hears what it would hear by itself") {
  std::vector<int> heard;
  HeardIf<All> all(true, heard);
  static_assert(HearsStep<HeardIf<All>> && HearsProbe<HeardIf<All>> && HearsEnd<HeardIf<All>>);
  static_assert(HearsMutation<HeardIf<All>, Record> && HearsState<HeardIf<All>, State> && HearsCollapse<HeardIf<All>>);
  all.on_step({});
  all.on_probe({});
  all.on_mutation(Record{});
  all.on_state(State{});
  all.on_collapse(CollapseReport{});
  all.on_end({});
  CHECK(heard == std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK(all.get() != nullptr);
}

TEST_CASE("A callback that is not wanted is not made, and hooks that it lacks are not there") {
  int made = 0;
  HeardIf<End> none(false, made), one(true, made);
  CHECK(made == 1);
  CHECK(none.get() == nullptr);
  none.on_end({});
  static_assert(!HearsStep<HeardIf<End>> && !HearsProbe<HeardIf<End>> && !HearsState<HeardIf<End>, State>);
  static_assert(!HearsMutation<HeardIf<End>, Record> && !HearsCollapse<HeardIf<End>>);
}

}  // namespace heard_if_test
