#pragma once
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "sseg/concepts/callback.hpp"
#include "sseg/evolve/history.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/report/csv.hpp"
#include "sseg/report/json_lines.hpp"

namespace sseg {

/// One line of metrics.csv and metrics.jsonl: written at every look at the probe; the loss is the mean since the line
/// before.
struct MetricsRow {
  Index step = 0;
  double loss = 0;
  float rate = 0;
  double probe = 0;
  Index mutations = 0;
  Index params = 0, macs = 0;
  double level_1 = 0, level_2 = 0, level_3 = 0, level_4 = 0;  ///< shares of the curriculum's levels; all 0 without one
  double knn = std::numeric_limits<double>::quiet_NaN();      ///< accuracy of neighbours, 0 … 1; NaN: not watched
};

}  // namespace sseg

SSEG_FIELDS(sseg::MetricsRow, step, loss, rate, probe, mutations, params, macs, level_1, level_2, level_3, level_4,
            knn);

namespace sseg {

namespace detail {

/// The step that a line of metrics.csv or metrics.jsonl begins with; none in the heading.
inline std::optional<Index> step_of_metrics(std::string_view line) {
  constexpr std::string_view json = "{\"step\":";
  if (line.starts_with(json)) line.remove_prefix(json.size());
  return from_text_value<Index>(line.substr(0, line.find(',')));
}

/// What the lines of a metrics.csv of an older version lack: its columns are the first of today's. Empty for a heading
/// of today's or another kind.
struct LaterColumns {
  std::string names{}, values{};

  explicit LaterColumns(std::string_view heading) {
    std::string known, between;
    bool lacking = false;
    const MetricsRow row;
    for_each_field(row, [&](std::string_view name, const auto& value) {
      if (lacking) names.append(",").append(name), values.append(",").append(to_text_value(value));
      known += between + std::string(name);
      between = ",";
      lacking = lacking || known == heading;
    });
  }
};

}  // namespace detail

/// Before a run goes on from `step`: drops the lines of metrics.csv or metrics.jsonl that a killed run wrote after its
/// last checkpoint, and a torn last line. A metrics.csv of an older version gets the columns that it lacks. Without the
/// file there is nothing to do. Throws: Error when it cannot be read or written.
inline void trim_metrics(const std::filesystem::path& file, Index step) {
  if (!std::filesystem::exists(file)) return;
  const std::string text = read_file(file, Index{1} << 30);
  const detail::LaterColumns later(std::string_view(text).substr(0, text.find('\n')));
  std::string kept;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const auto at = detail::step_of_metrics(line);
    const bool heading = begin == 0 && !line.starts_with('{');
    if (heading || (at && *at <= step)) kept.append(line).append(heading ? later.names : later.values).append("\n");
  }
  write_file_atomically(file, kept);
}

/// Callback that writes metrics.csv and metrics.jsonl, the same rows in both.
class MetricsLog {
 public:
  /// `params` and `macs` of the net as it is now.
  MetricsLog(const std::filesystem::path& csv, const std::filesystem::path& json_lines, bool append, Index mutations,
             Index params, Index macs)
      : csv_(csv, append), json_lines_(json_lines, append) {
    row_.mutations = mutations;
    row_.params = params;
    row_.macs = macs;
  }

  void on_step(const StepInfo& s) { row_.rate = s.rate; }
  void on_probe(const ProbeInfo& p) {
    row_.step = p.at.step;
    row_.probe = p.probe;
    row_.loss = p.loss;
    row_.knn = p.knn;
    row_.level_1 = p.levels[0], row_.level_2 = p.levels[1], row_.level_3 = p.levels[2], row_.level_4 = p.levels[3];
    csv_.write(row_);
    json_lines_.write(row_);
  }
  void on_mutation(const MutationRecord& m) {
    ++row_.mutations;
    row_.params = m.params_after;
    row_.macs = m.macs_after;
  }

 private:
  CsvWriter csv_;
  JsonLinesWriter json_lines_;
  MetricsRow row_;
};

}  // namespace sseg
