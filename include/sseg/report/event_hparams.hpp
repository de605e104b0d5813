#pragma once
#include <string>
#include <variant>
#include <vector>

#include "sseg/io/wire_writer.hpp"

namespace sseg {

/// One setting of a run as TensorBoard's HPARAMS page shows it.
struct EventHparam {
  std::string name;
  std::variant<bool, double, std::string> value;
  bool operator==(const EventHparam&) const = default;
};

/// What that page must know of a run: its settings, and the scalar tags that count as results.
struct EventHparams {
  std::vector<EventHparam> settings;
  std::vector<std::string> metrics;

  /// The messages that the plugin `hparams` reads (plugin_data.proto, version 0): what runs have in common, how this
  /// one began, and how it ended. `now`: seconds since 1970.
  WireWriter experiment(double now) const {
    WireWriter experiment;
    experiment.real(3, now);
    for (const EventHparam& s : settings) experiment.message(4, WireWriter().bytes(1, s.name).number(4, type_of(s)));
    for (const std::string& tag : metrics)
      experiment.message(5, WireWriter().message(1, WireWriter().bytes(2, tag)).bytes(3, tag));
    return WireWriter().number(1, 0).message(2, experiment);
  }
  WireWriter session_start(double now) const {
    WireWriter start;
    for (const EventHparam& s : settings) start.message(1, WireWriter().bytes(1, s.name).message(2, value_of(s)));
    start.real(5, now);
    return WireWriter().number(1, 0).message(3, start);
  }
  static WireWriter session_end(double now, bool success) {
    return WireWriter().number(1, 0).message(4, WireWriter().number(1, success ? 1 : 2).real(2, now));
  }

 private:
  /// DataType: 1 string, 2 bool, 3 float64.
  static Index type_of(const EventHparam& s) {
    return std::holds_alternative<bool>(s.value) ? 2 : std::holds_alternative<double>(s.value) ? 3 : 1;
  }
  /// google.protobuf.Value: 2 number, 3 string, 4 bool.
  static WireWriter value_of(const EventHparam& s) {
    if (const bool* b = std::get_if<bool>(&s.value)) return WireWriter().number(4, *b ? 1 : 0);
    if (const double* d = std::get_if<double>(&s.value)) return WireWriter().real(2, *d);
    return WireWriter().bytes(3, std::get<std::string>(s.value));
  }
};

}  // namespace sseg
