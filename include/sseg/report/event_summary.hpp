#pragma once
#include <string>
#include <string_view>

#include "sseg/core/shape.hpp"
#include "sseg/io/wire_writer.hpp"
#include "sseg/report/event_histogram.hpp"

namespace sseg {

/// What is shown of one step: TensorBoard's Summary, a list of values, each under a tag ("training/loss"; what stands
/// before the stroke gathers tags on the page).
class EventSummary {
 public:
  EventSummary& scalar(std::string_view tag, double value) {
    return add(WireWriter().bytes(1, tag).real(2, static_cast<float>(value)));
  }
  EventSummary& histogram(std::string_view tag, const EventHistogram& values) {
    return add(WireWriter().bytes(1, tag).message(5, values.message()));
  }
  /// `png`: the file of a picture of `channels` 1 or 3.
  EventSummary& image(std::string_view tag, Index height, Index width, Index channels, std::string_view png) {
    const auto picture = WireWriter().number(1, height).number(2, width).number(3, channels).bytes(4, png);
    return add(WireWriter().bytes(1, tag).message(4, picture));
  }
  /// `markdown`, in UTF-8. It appears under the tag with "/text_summary".
  EventSummary& text(std::string_view tag, std::string_view markdown) {
    constexpr Index dtype_string = 7;
    const auto one_long = WireWriter().message(2, WireWriter().number(1, 1));
    const auto tensor = WireWriter().number(1, dtype_string).message(2, one_long).bytes(8, markdown);
    return add(
        WireWriter().bytes(1, std::string(tag) + "/text_summary").message(8, tensor).message(9, plugin("text", {})));
  }
  /// A message of a plugin of TensorBoard, as metadata of an empty tag (EventHparams makes them).
  EventSummary& plugin_data(std::string_view tag, std::string_view plugin_name, const WireWriter& content) {
    return add(WireWriter().bytes(1, tag).message(9, plugin(plugin_name, content)));
  }

  bool empty() const { return values_.bytes().empty(); }
  const WireWriter& message() const { return values_; }

 private:
  static WireWriter plugin(std::string_view name, const WireWriter& content) {
    return WireWriter().message(1, WireWriter().bytes(1, name).message(2, content));
  }
  EventSummary& add(const WireWriter& value) {
    values_.message(1, value);
    return *this;
  }

  WireWriter values_;
};

}  // namespace sseg
