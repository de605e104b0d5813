// write_events FOLDER: an event file of every kind of value, a restart included, for check_events.py, which knows the
// same numbers.
#include <filesystem>
#include <vector>

#include "sseg/io/png.hpp"
#include "sseg/report/event_hparams.hpp"
#include "sseg/report/event_writer.hpp"
#include "write_into.hpp"

using namespace sseg;

namespace {

void write_all(const std::filesystem::path& folder) {
  const EventHparams about{{{"train.steps", 10.0}, {"data.turns", true}, {"name", std::string("zebra")}},
                           {"training/loss"}};
  {
    EventWriter first(folder);
    first.start(1);
    first.write(0, EventSummary()
                       .plugin_data("_hparams_/experiment", "hparams", about.experiment(1e9))
                       .plugin_data("_hparams_/session_start_info", "hparams", about.session_start(1e9)));
    const Picture picture{2, 3, 1, {0, 51, 102, 153, 204, 255}};
    first.write(0, EventSummary().image("views", 2, 3, 1, encode_png(picture)));
    for (Index step = 1; step <= 10; ++step)
      first.write(step, EventSummary().scalar("training/loss", static_cast<double>(step) / 8));
  }
  EventWriter second(folder);
  second.start(6);
  const std::vector<float> values{-2.f, 0.f, 1e-3f, 1e-3f, 5.f};
  for (Index step = 6; step <= 8; ++step)
    second.write(step, EventSummary()
                           .scalar("training/loss", -static_cast<double>(step))
                           .histogram("student/w", EventHistogram(values)));
  second.write(8, EventSummary().text("mutations", "**grow** stage #0"));
  second.write(
      8, EventSummary().plugin_data("_hparams_/session_end_info", "hparams", EventHparams::session_end(2e9, true)));
}

}  // namespace

int main(int argc, char** argv) { return write_into(argc, argv, write_all); }
