#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/run_look.hpp"
#include "sseg/experiment/run_results.hpp"
#include "sseg/report/svg_bar_plot.hpp"
#include "sseg/report/svg_line_plot.hpp"
#include "sseg/report/svg_scatter_plot.hpp"
#include "sseg/report/svg_stage_plot.hpp"

namespace sseg {

/// A plot of a run and its name, a plain word that names its file.
struct RunPlot {
  std::string name{}, svg{};
};

namespace detail {

inline std::vector<LinePlot::Mark> mutation_marks(const History& history) {
  std::vector<LinePlot::Mark> marks;
  for (const MutationRecord& m : history) marks.push_back({static_cast<double>(m.step), m.kind});
  return marks;
}

/// One value of the metrics over the steps, mutations marked.
template <class Value>
std::string metric_plot(const RunResults& run, const std::string& title, const std::string& unit, const Value& value) {
  LinePlot plot{
      .title = title, .x_label = "step", .y_label = unit, .series = {{}}, .marks = mutation_marks(run.history)};
  for (const MetricsRow& m : run.metrics)
    plot.series[0].points.emplace_back(static_cast<double>(m.step), static_cast<double>(value(m)));
  return svg_line_plot(plot);
}

/// A size of the net over the steps, in stairs: it changes where a mutation is made.
template <class Value, class After>
std::string size_plot(const RunResults& run, const std::string& title, const std::string& unit, const Value& value,
                      const After& after) {
  LinePlot plot{
      .title = title, .x_label = "step", .y_label = unit, .series = {{}}, .marks = mutation_marks(run.history)};
  for (const MetricsRow& row : run.metrics) {
    plot.series[0].points.emplace_back(static_cast<double>(row.step), static_cast<double>(value(row)));
    for (const MutationRecord& m : run.history)
      if (m.step == row.step)
        plot.series[0].points.emplace_back(static_cast<double>(row.step), static_cast<double>(after(m)));
  }
  return svg_line_plot(plot);
}

/// What each size of the net reached: the best probe while the net had it, over its cost.
inline std::string cost_plot(const RunResults& run) {
  std::map<Index, double> best;
  for (const MetricsRow& m : run.metrics) {
    const auto at = best.try_emplace(m.macs, m.probe).first;
    at->second = std::max(at->second, m.probe);
  }
  LinePlot plot{.title = "Cost against accuracy: the best probe of each size of the net",
                .x_label = "MACs for one image",
                .y_label = "share recognised",
                .series = {{}},
                .marks = {}};
  for (const auto& [macs, probe] : best) plot.series[0].points.emplace_back(static_cast<double>(macs), probe);
  return svg_line_plot(plot);
}

/// Of every stage over the steps, its share of the sum: methods differ in scale, and so do early and late steps.
inline std::string sensitivity_plot(const RunResults& run) {
  LinePlot plot{.title = "Sensitivity of each stage (" + run.config.evolution.growth.sensitivity_method + ")",
                .x_label = "step",
                .y_label = "share of the sum",
                .series = {},
                .marks = mutation_marks(run.history)};
  std::map<Index, double> sum;
  for (const SensitivityRow& r : run.sensitivity) sum[r.step] += r.sensitivity;
  std::map<Index, LinePlot::Series> stages;
  for (const SensitivityRow& r : run.sensitivity)
    if (sum[r.step] > 0) stages[r.stage].points.emplace_back(static_cast<double>(r.step), r.sensitivity / sum[r.step]);
  for (auto& [stage, series] : stages) {
    series.name = "stage " + std::to_string(stage);
    plot.series.push_back(std::move(series));
  }
  return svg_line_plot(plot);
}

inline std::string level_plot(const RunResults& run) {
  LinePlot plot{.title = "Curriculum", .x_label = "step", .y_label = "share of the batch", .series = {}, .marks = {}};
  for (int l = 1; l <= 4; ++l) plot.series.push_back({"level " + std::to_string(l), {}});
  for (const MetricsRow& m : run.metrics) {
    const double share[]{m.level_1, m.level_2, m.level_3, m.level_4};
    for (std::size_t l = 0; l < 4; ++l) plot.series[l].points.emplace_back(static_cast<double>(m.step), share[l]);
  }
  return svg_line_plot(plot);
}

/// From the net that the run began with, where it is known, over every mutation; or as it is now, for a run without
/// one.
inline std::string architecture_plot(const RunResults& run, const RunLook& look) {
  StagePlot plot{.title = "Channels of each stage, + its residual blocks", .rows = {}};
  if (run.history.empty()) {
    plot.rows.push_back({"the whole run", stages_named(look.net)});
    return svg_stage_plot(plot);
  }
  if (!look.first_net.empty()) plot.rows.push_back({"step 0, as it began", stages_named(look.first_net)});
  for (const MutationRecord& m : run.history)
    plot.rows.push_back({"step " + std::to_string(m.step) + ", " + m.kind + " " + m.place + ": " +
                             std::to_string(m.params_after) + " parameters",
                         stages_named(m.net_after)});
  return svg_stage_plot(plot);
}

/// "5-way 1-shot, prototypes, cosine": what is inductive need not be said in a plot.
inline std::string bar_name(Index way, Index shot, const std::string& protocol) {
  return std::to_string(way) + "-way " + std::to_string(shot) + "-shot, " +
         short_name(protocol.substr(0, protocol.find(", inductive")), 40);
}

inline std::string few_shot_plot(const std::vector<FewShotRow>& rows) {
  BarPlot plot{.title = "Few-shot accuracy on classes not trained on", .value_label = "accuracy (%), 95 % interval"};
  for (const FewShotRow& r : rows)
    plot.bars.push_back({r.net + ", " + bar_name(r.way, r.shot, r.protocol), r.accuracy, r.ci95,
                         r.net == "trained"     ? 0
                         : r.net == "untrained" ? 7
                                                : 1});
  return svg_bar_plot(plot);
}

inline std::string fork_plot(const ForkReport& fork) {
  BarPlot plot{.title = "Gain by " + fork.mutation.kind + ", " + fork.mutation.place,
               .value_label = "accuracy with − without (points), 95 % interval"};
  for (const ForkRow& r : fork.rows) {
    const std::string name = bar_name(r.way, r.shot, r.protocol);
    if (r.over_episodes.n > 1)
      plot.bars.push_back({name + ", over episodes", r.over_episodes.mean, r.over_episodes.half_width95, 0});
    if (r.over_orders.n > 1)
      plot.bars.push_back({name + ", over data orders", r.over_orders.mean, r.over_orders.half_width95, 1});
  }
  return svg_bar_plot(plot);
}

/// `map.at(row, axis)` of every picture that was seen.
template <class Map>
std::string map_plot(const ClassesSeen& seen, const Map& map, ScatterPlot plot) {
  plot.classes = seen.images.classes;
  for (Index i = 0; i < seen.images.size(); ++i) {
    const std::size_t k = to_size(seen.images.label[to_size(i)]);
    plot.points.push_back({map.at(i, 0), map.at(i, 1), k, seen.images.classes[k]});
  }
  return svg_scatter_plot(plot);
}

inline std::string embedding_plot(const ClassesSeen& seen) {
  const auto axis = [&](Index a) {
    return "axis " + std::to_string(a + 1) + ", " + fixed_text(100 * seen.map.share(a), 0) + " % of the variance";
  };
  return map_plot(seen, seen.map,
                  {.title = "Features of classes not trained on", .x_label = axis(0), .y_label = axis(1)});
}

inline std::string tsne_plot(const ClassesSeen& seen, const TsneMap& map) {
  return map_plot(seen, map,
                  {.title = "The same features by t-SNE",
                   .x_label = "perplexity " + fixed_text(map.perplexity, 0) + ": distances between groups mean little",
                   .y_label = "divergence " + fixed_text(map.divergence, 2)});
}

inline std::string confusion_plot(const ClassesSeen& seen) {
  HeatMap map{.title = "Taken for what (% of queries with that choice)",
              .row_label = "true class",
              .column_label = "taken for",
              .names = seen.images.classes,
              .share = {}};
  const ConfusionCounts& counts = seen.confusion;
  for (Index t = 0; t < counts.classes; ++t)
    for (Index p = 0; p < counts.classes; ++p) map.share.push_back(counts.share(t, p));
  return svg_heat_map(map);
}

}  // namespace detail

/// Does the run have shares of curriculum levels?
inline bool has_levels(const RunResults& run) {
  for (const MetricsRow& m : run.metrics)
    if (m.level_1 + m.level_2 + m.level_3 + m.level_4 > 0) return true;
  return false;
}

/// Every plot that the run has values for: loss, probe, knn, rate, params, macs, cost, sensitivity, levels,
/// architecture, few_shot, fork, embedding, tsne, confusion.
inline std::vector<RunPlot> run_plots(const RunResults& run, const RunLook& look) {
  std::vector<RunPlot> plots;
  const auto add = [&](const char* name, std::string svg) { plots.push_back({name, std::move(svg)}); };
  if (!run.metrics.empty()) {
    const auto metric = [&](const char* name, const char* title, const char* unit, const auto& value) {
      add(name, detail::metric_plot(run, title, unit, value));
    };
    metric("loss", "Training loss", "loss", [](const MetricsRow& m) { return m.loss; });
    metric("probe", "Growth probe", "share recognised", [](const MetricsRow& m) { return m.probe; });
    if (std::any_of(run.metrics.begin(), run.metrics.end(), [](const MetricsRow& m) { return m.knn >= 0; }))
      metric("knn", "Accuracy of 20 nearest neighbours, leave one out", "share of right classes",
             [](const MetricsRow& m) { return m.knn; });
    metric("rate", "Learning rate", "rate", [](const MetricsRow& m) { return m.rate; });
    add("params", detail::size_plot(
                      run, "Parameters", "parameters", [](const MetricsRow& m) { return m.params; },
                      [](const MutationRecord& m) { return m.params_after; }));
    add("macs", detail::size_plot(
                    run, "Multiply-adds for one image", "MACs", [](const MetricsRow& m) { return m.macs; },
                    [](const MutationRecord& m) { return m.macs_after; }));
    if (!run.history.empty()) add("cost", detail::cost_plot(run));
    if (!run.sensitivity.empty()) add("sensitivity", detail::sensitivity_plot(run));
    if (has_levels(run)) add("levels", detail::level_plot(run));
  }
  if (!run.history.empty() || !look.net.empty()) add("architecture", detail::architecture_plot(run, look));
  if (!run.few_shot.empty()) add("few_shot", detail::few_shot_plot(run.few_shot));
  if (run.fork) add("fork", detail::fork_plot(*run.fork));
  if (look.classes) {
    add("embedding", detail::embedding_plot(*look.classes));
    if (look.classes->tsne) add("tsne", detail::tsne_plot(*look.classes, *look.classes->tsne));
    add("confusion", detail::confusion_plot(*look.classes));
  }
  return plots;
}

}  // namespace sseg
