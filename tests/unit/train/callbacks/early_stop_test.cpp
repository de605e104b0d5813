#include "sseg/train/callbacks/early_stop.hpp"

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace early_stop_test {

using sseg::EarlyStop;
using sseg::EarlyStopConfig;
using sseg::Index;
using sseg::StopMemory;

struct NoState {};
static_assert(sseg::Callback<EarlyStop, sseg::MutationRecord, NoState>);
static_assert(sseg::HearsProbe<EarlyStop> && sseg::HearsMutation<EarlyStop, sseg::MutationRecord>);

namespace {

/// The probe after which the flag was up, or −1.
Index stopped_at(EarlyStopConfig config, const std::vector<double>& probes) {
  std::atomic<bool> stop{false};
  StopMemory memory;
  EarlyStop callback(config, stop, memory);
  for (std::size_t i = 0; i < probes.size(); ++i) {
    callback.on_probe({{static_cast<Index>(i) * 10, 1000}, probes[i]});
    CHECK(stop == callback.stopped());
    if (stop) return static_cast<Index>(i);
  }
  return -1;
}

}  // namespace

TEST_CASE("training stops after patience probes without a gain") {
  const EarlyStopConfig config{.patience = 2, .min_gain = 0.1};
  CHECK(stopped_at(config, {0.5, 0.5, 0.5, 0.5}) == 2);
  CHECK(stopped_at(config, {0.5, 0.55, 0.65, 0.7, 0.7}) == 4);  // small gains add up from the best that counted
  CHECK(stopped_at(config, {0.1, 0.3, 0.5, 0.7, 0.9}) == -1);
  CHECK(stopped_at(config, {0.5, 0.2, 0.4, 0.9}) == 2);  // it need not fall for ever
  CHECK(stopped_at(config, {-3, -3, -2}) == -1);         // a probe may be negative
  CHECK(stopped_at({.patience = 1, .min_gain = 0.1}, {0.5, 0.55}) == 1);
}

TEST_CASE("without a least gain, any rise counts and a standstill does not") {
  CHECK(stopped_at({.patience = 2, .min_gain = 0}, {0.5, 0.5001, 0.5002, 0.5003}) == -1);
  CHECK(stopped_at({.patience = 2, .min_gain = 0}, {1, 1, 1}) == 2);
}

TEST_CASE("patience 0 never stops") { CHECK(stopped_at({}, std::vector<double>(100, 0.5)) == -1); }

TEST_CASE("a mutation starts the count anew and keeps the best") {
  std::atomic<bool> stop{false};
  StopMemory memory;
  EarlyStop callback({.patience = 2, .min_gain = 0.1}, stop, memory);
  callback.on_probe({{10, 100}, 0.5});
  callback.on_probe({{20, 100}, 0.5});
  callback.on_mutation({});
  callback.on_probe({{30, 100}, 0.4});
  CHECK_FALSE(stop);
  callback.on_probe({{40, 100}, 0.5});
  CHECK(stop);
  CHECK(memory == StopMemory{0.5, 10, 2});
}

TEST_CASE("early stopping refuses negative numbers") {
  std::atomic<bool> stop{false};
  StopMemory memory;
  CHECK_THAT(sseg_test::message_of([&] { EarlyStop({.patience = -1}, stop, memory); }),
             sseg_test::Contains("no negative"));
  CHECK_THAT(sseg_test::message_of([&] { EarlyStop({.patience = 1, .min_gain = -0.1}, stop, memory); }),
             sseg_test::Contains("no negative"));
}

TEST_CASE("counting goes on from what an earlier part of the run remembered") {
  const std::vector<double> probes{0.5, 0.7, 0.7, 0.6, 0.7, 0.7};
  const EarlyStopConfig config{.patience = 3, .min_gain = 0.1};
  REQUIRE(stopped_at(config, probes) == 4);
  for (std::size_t cut = 0; cut <= 5; ++cut) {
    std::atomic<bool> stop{false};
    StopMemory memory;
    Index at = -1;
    for (std::size_t part = 0; part < 2; ++part) {
      EarlyStop callback(config, stop, memory);
      for (std::size_t i = part == 0 ? 0 : cut; i < (part == 0 ? cut : probes.size()) && !stop; ++i) {
        callback.on_probe({{static_cast<Index>(i) * 10, 1000}, probes[i]});
        at = static_cast<Index>(i);
      }
      if (stop) CHECK(callback.stopped());
    }
    CHECK(at == 4);
  }
}

TEST_CASE("a run that had run out of patience ends at once when it is resumed, unless it is given more") {
  std::atomic<bool> stop{false};
  StopMemory memory{0.5, 10, 3};
  CHECK(EarlyStop({.patience = 3}, stop, memory).stopped());
  CHECK(stop);
  stop = false;
  CHECK_FALSE(EarlyStop({.patience = 4}, stop, memory).stopped());
  CHECK_FALSE(EarlyStop({.patience = 0}, stop, memory).stopped());
  CHECK_FALSE(stop);
}

TEST_CASE("a probe that is not a number is no gain") {
  CHECK(stopped_at({.patience = 2, .min_gain = 0.1}, {0.5, std::nan(""), std::nan("")}) == 2);
}

}  // namespace early_stop_test
