#include "sseg/report/event_writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sseg/report/event_hparams.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"
#include "unit/report/event_file.hpp"

namespace event_writer_test {

using namespace sseg;
using namespace std::string_literals;
using sseg_test::WireMessage;
namespace fs = std::filesystem;

namespace {

std::string name_of(const EventWriter& writer) { return writer.path().filename().string(); }

}  // namespace

TEST_CASE("a scalar is a Summary of one value, byte for byte") {
  // Summary{1 Value{1 "a", 2 0.5f}}
  CHECK(EventSummary().scalar("a", 0.5).message().bytes() ==
        "\x0a\x08\x0a\x01"
        "a\x15\x00\x00\x00\x3f"s);
}

TEST_CASE("an event file begins with its version and holds the events in order") {
  const sseg_test::TempFolder folder;
  EventWriter writer(folder.path());
  writer.write(3, EventSummary().scalar("x", 1.5).scalar("y", -2));
  writer.start(7);
  writer.write(8, EventSummary());  // nothing to say
  const auto events = sseg_test::events_in(writer.path());
  REQUIRE(events.size() == 3);
  CHECK(events[0].text(3) == "brain.Event:2");
  CHECK(events[1].at(2).value == 3);
  CHECK(std::abs(events[1].at(1).as_double() - EventWriter::now()) < 600);
  const auto values = events[1].message(5).all(1);
  REQUIRE(values.size() == 2);
  CHECK(WireMessage(values[0].bytes).text(1) == "x");
  CHECK(WireMessage(values[1].bytes).at(2).as_float() == -2.f);
  CHECK(events[2].at(2).value == 7);
  CHECK(events[2].message(7).at(1).value == 1);  // SessionLog.START
}

TEST_CASE("a new event file comes after those that are there, whatever the clock says") {
  const sseg_test::TempFolder folder;
  const EventWriter first(folder.path());
  CHECK(name_of(first).starts_with("events.out.tfevents."));
  CHECK(name_of(first).ends_with(".sseg"));
  const EventWriter second(folder.path());
  CHECK(name_of(first) < name_of(second));
  folder.add("events.out.tfevents.5000000000.elsewhere", "");
  folder.add("events.out.tfevents.nonsense.host", "");
  folder.add("events.out.tfevents.99999999999999.host", "");
  const EventWriter third(folder.path());
  CHECK(name_of(third).starts_with("events.out.tfevents.5000000001."));
}

TEST_CASE("an event file in no folder is refused by name") {
  const sseg_test::TempFolder folder;
  const std::string said = sseg_test::message_of([&] { const EventWriter writer(folder / "none"); });
  CHECK(said.find("cannot write the event file") != said.npos);
  CHECK(said.find("none") != said.npos);
}

TEST_CASE("images and text lie in the fields that TensorBoard reads") {
  const WireMessage summary(EventSummary().image("views", 2, 3, 1, "PNG").text("note", "**a**").message().bytes());
  const WireMessage image(summary.all(1)[0].bytes), text(summary.all(1)[1].bytes);
  CHECK(image.text(1) == "views");
  CHECK(image.message(4).at(1).value == 2);
  CHECK(image.message(4).at(2).value == 3);
  CHECK(image.message(4).at(3).value == 1);
  CHECK(image.message(4).text(4) == "PNG");
  CHECK(text.text(1) == "note/text_summary");
  CHECK(text.message(8).at(1).value == 7);  // DT_STRING
  CHECK(text.message(8).message(2).message(2).at(1).value == 1);
  CHECK(text.message(8).text(8) == "**a**");
  CHECK(text.message(9).message(1).text(1) == "text");
}

TEST_CASE("a histogram counts each value into the first bucket that ends above it") {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values{-2.f, 0.f, 1e-3f, 1e-3f, 5.f, inf, -inf, nan};
  const WireMessage h(EventHistogram(values).message().bytes());
  CHECK(h.at(1).as_double() == -2);
  CHECK(h.at(2).as_double() == 5);
  CHECK(h.at(3).as_double() == 5);
  CHECK(h.at(4).as_double() == Approx(3.002));
  CHECK(h.at(5).as_double() == Approx(29.000002));
  const auto ends = sseg_test::packed_doubles(h.text(6)), counts = sseg_test::packed_doubles(h.text(7));
  REQUIRE(ends.size() == counts.size());
  for (std::size_t b = 0; b < ends.size(); ++b) {
    const double from = b == 0 ? -2.3 : ends[b - 1];
    double expected = 0;
    for (const float v : {-2.f, 0.f, 1e-3f, 1e-3f, 5.f}) expected += double{v} >= from && double{v} < ends[b];
    CHECK(counts[b] == expected);
  }
  CHECK(counts.front() == 1);  // from the first value
  CHECK(counts.back() == 1);   // to the last
  CHECK(ends.back() / ends[ends.size() - 2] == Approx(1.1));
}

TEST_CASE("the bucket from the table is the one that a search finds") {
  const auto& limits = detail::event_bucket_limits();
  const auto check = [&](float v) {
    const auto found = std::upper_bound(limits.begin(), limits.end(), static_cast<double>(v)) - limits.begin();
    if (static_cast<Index>(detail::event_bucket(v)) != found) FAIL("value " << v);
  };
  for (const float sign : {1.f, -1.f})
    for (std::uint32_t bits = 0; bits < 0x7f800000u; bits += 99'991) check(sign * std::bit_cast<float>(bits));
  for (const double limit : limits)
    for (const float to : {-1e30f, 0.f, 1e30f})
      if (std::abs(limit) < 1e30)
        check(std::nextafter(static_cast<float>(limit), to)), check(static_cast<float>(limit));
  CHECK(limits.size() == 1551);
}

TEST_CASE("a histogram of nothing, and of values beyond all limits, still has a bucket") {
  const WireMessage none(EventHistogram({}).message().bytes());
  CHECK(none.at(3).as_double() == 0);
  CHECK(sseg_test::packed_doubles(none.text(7)) == std::vector<double>{0});
  const std::vector<float> large{3e38f, -3e38f};
  const WireMessage h(EventHistogram(large).message().bytes());
  const auto ends = sseg_test::packed_doubles(h.text(6)), counts = sseg_test::packed_doubles(h.text(7));
  CHECK(ends.back() == std::numeric_limits<double>::max());
  CHECK(counts.back() == 1);
  CHECK(counts.front() == 1);
}

TEST_CASE("hyperparameters are told as the plugin reads them") {
  const EventHparams about{{{"steps", 10.0}, {"turns", true}, {"name", "zebra"s}}, {"loss"}};
  const WireMessage experiment = WireMessage(about.experiment(5).bytes()).message(2);
  REQUIRE(experiment.all(4).size() == 3);
  CHECK(WireMessage(experiment.all(4)[0].bytes).text(1) == "steps");
  const std::array<std::uint64_t, 3> types{3, 2, 1};  // float64, bool, string
  for (std::size_t i = 0; i < 3; ++i) CHECK(WireMessage(experiment.all(4)[i].bytes).at(4).value == types[i]);
  CHECK(experiment.message(5).message(1).text(2) == "loss");

  const WireMessage start = WireMessage(about.session_start(7).bytes()).message(3);
  CHECK(start.at(5).as_double() == 7);
  CHECK(WireMessage(start.all(1)[0].bytes).message(2).at(2).as_double() == 10);
  CHECK(WireMessage(start.all(1)[1].bytes).message(2).at(4).value == 1);
  CHECK(WireMessage(start.all(1)[2].bytes).message(2).text(3) == "zebra");

  CHECK(WireMessage(EventHparams::session_end(9, true).bytes()).message(4).at(1).value == 1);
  CHECK(WireMessage(EventHparams::session_end(9, false).bytes()).message(4).at(1).value == 2);
}

}  // namespace event_writer_test
