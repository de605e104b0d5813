#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/data/pixel_values.hpp"
#include "sseg/experiment/mutation_gains.hpp"
#include "sseg/experiment/result_tables.hpp"
#include "sseg/experiment/run_plots.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/report/html_page.hpp"
#include "sseg/report/html_picture.hpp"

namespace sseg {

namespace detail {

/// Writes the parts of a run's report, one after another.
class RunReport {
 public:
  RunReport(const RunResults& run, const RunLook& look)
      : run_(run),
        look_(look),
        plots_(run_plots(run, look)),
        tables_(of_one_run(result_tables({run}))),
        page_("Run " + run.label) {
    summary();
    curves();
    growth();
    results();
    cost();
    curriculum();
    pictures();
    classes();
    settings();
  }
  std::string text() const { return page_.text(); }

 private:
  static constexpr std::string_view quiet = "missing";

  void summary() {
    std::string line = "Trained on " + run_.config.data.source + ", seed " + std::to_string(run_.config.seed);
    if (run_.meta) line += "; " + run_.meta->status;
    if (!run_.metrics.empty()) line += " at step " + std::to_string(run_.metrics.back().step);
    if (run_.meta && run_.meta->seconds > 0) line += " after " + fixed_text(run_.meta->seconds, 0) + " s";
    page_.lead(line + ". " + grown() + best());
    for (const std::string& sentence : look_.missing) page_.paragraph(sentence, quiet);
  }
  std::string grown() const {
    if (run_.history.empty()) return look_.net.empty() ? "" : "The net " + look_.net + " did not grow. ";
    const auto &first = run_.history.front(), &last = run_.history.back();
    return "The net grew " + std::to_string(run_.history.size()) + (run_.history.size() == 1 ? " time" : " times") +
           ", to " + last.net_after + " channels: from " + std::to_string(first.params_before) + " to " +
           std::to_string(last.params_after) + " parameters. ";
  }
  /// The best of the trained net for the fewest examples.
  std::string best() const {
    const FewShotRow* best = nullptr;
    for (const FewShotRow& r : run_.few_shot) {
      if (r.net != "trained") continue;
      if (best == nullptr || r.shot < best->shot || (r.shot == best->shot && r.accuracy > best->accuracy)) best = &r;
    }
    if (best == nullptr) return "";
    return std::to_string(best->way) + "-way " + std::to_string(best->shot) +
           "-shot on classes not trained on: " + fixed_text(best->accuracy, 1) + " ± " + fixed_text(best->ci95, 1) +
           " % (" + best->protocol + ").";
  }

  void curves() {
    page_.section("Training");
    if (run_.metrics.empty()) return page_.paragraph("No metrics.csv: train_sseg writes it while it trains.", quiet);
    figures({"loss", "probe", "knn", "rate"});
    if (!run_.history.empty()) page_.paragraph("Upright lines: mutations.", quiet);
  }
  void growth() {
    page_.section("Growth");
    figures({"architecture", "sensitivity", "fork"});
    if (run_.history.empty()) return page_.paragraph("The net did not change while it trained.", quiet);
    tables("mutations");
    for (const Table& t : mutation_gains(run_)) page_.table(t);
    tables("forks");
    if (!run_.fork)
      page_.paragraph("No fork.json: fork_growth --checkpoint RUN_FOLDER tells whether a mutation helped.", quiet);
  }
  void results() {
    page_.section("Results");
    tables("runs");
    if (run_.few_shot.empty() && run_.omniglot.empty() && run_.paths.empty())
      return page_.paragraph("Not evaluated: evaluate_fewshot --checkpoint RUN_FOLDER", quiet);
    figures({"few_shot"});
    for (const char* name :
         {"few_shot", "differences", "omniglot_runs", "seeds", "paths", "path_differences", "path_costs"})
      tables(name);
  }
  void cost() {
    if (run_.metrics.empty()) return;
    page_.section("Cost");
    figures({"params", "macs", "cost"});
  }
  void curriculum() {
    if (!has_levels(run_) && look_.levels.empty()) return;
    page_.section("Curriculum");
    figures({"levels"});
    for (std::size_t l = 0; l < look_.levels.size(); ++l) {
      const std::string words = "Level " + std::to_string(l + 1);
      picture(look_.levels[l], words);
    }
  }
  void pictures() {
    if (!look_.views) return;
    page_.section("What the net looks at");
    picture(*look_.views, "Pictures of the training set as evaluation sees them; below two augmented views of each");
  }
  void classes() {
    if (!look_.classes) return;
    const ClassesSeen& seen = *look_.classes;
    page_.section("Classes that were not trained on");
    page_.paragraph(std::to_string(seen.images.size()) + " pictures of " + std::to_string(seen.images.classes.size()) +
                    " classes of " + seen.images.name + ", " + seen.split +
                    ", seen by the teacher. Prototypes, cosine, inductive, one look a picture; confusions over " +
                    std::to_string(seen.episodes) + " episodes of " + std::to_string(seen.episode.episode.shape.way) +
                    "-way " + std::to_string(seen.episode.episode.shape.shot) + "-shot, " +
                    std::to_string(seen.episode.episode.shape.query) + " queries a class, seed " +
                    std::to_string(run_.config.seed) + ". The tables above have the results of the evaluation.");
    figures({"embedding", "tsne", "confusion"});
    episode(seen);
  }
  void episode(const ClassesSeen& seen) {
    const EpisodeOutcome& o = seen.episode;
    page_.section("One episode");
    page_.paragraph("Left the examples of each class, right its queries: ✓ taken for their class, ✗ for another. " +
                    fixed_text(100 * o.accuracy(), 0) + " % are right.");
    const EpisodeShape& s = o.episode.shape;
    for (Index k = 0; k < s.way; ++k) {
      page_.markup("<div class=\"pictures episode\">\n");
      for (Index i = 0; i < s.shot; ++i) {
        const Index image = o.episode.support[to_size(k * s.shot + i)];
        tile(seen, image, "<strong>" + html_text(class_of(seen, image)) + "</strong>", "example");
      }
      page_.markup("<span class=\"arrow\" aria-hidden=\"true\">→</span>\n");
      for (Index q = k * s.query; q < (k + 1) * s.query; ++q) query(seen, q);
      page_.markup("</div>\n");
    }
  }
  void query(const ClassesSeen& seen, Index q) {
    const Episode& e = seen.episode.episode;
    const Index taken = seen.episode.predicted[to_size(q)];
    const std::string name = class_of(seen, e.support[to_size(taken * e.shape.shot)]);
    const bool right = seen.episode.right(q);
    tile(seen, e.query[to_size(q)],
         (right ? "<span class=\"right\">✓ " : "<span class=\"wrong\">✗ ") + html_text(name) + "</span>",
         right ? "query, right" : "query, wrong");
  }
  static std::string class_of(const ClassesSeen& seen, Index image) {
    return seen.images.classes[to_size(seen.images.label[to_size(image)])];
  }
  void tile(const ClassesSeen& seen, Index image, const std::string& markup, const std::string& words) {
    const Shape s = seen.images.shape;
    Picture p{s[0], s[1], s[2], {}};
    p.bytes.resize(to_size(s.count()));
    std::transform(seen.images.image(image).data, seen.images.image(image).data + s.count(), p.bytes.begin(), to_byte);
    page_.markup("<span class=\"tile\">" + html_picture(p, words + ": " + class_of(seen, image)) + markup +
                 "</span>\n");
  }
  void settings() {
    page_.section("Settings");
    if (run_.meta) {
      std::string command;
      for (const std::string& word : run_.meta->command) command += (command.empty() ? "" : " ") + word;
      page_.markup("<p>Command: <code>" + html_text(command) + "</code></p>\n");
      page_.paragraph("Library " + run_.meta->version + ", " + run_.meta->compiler + ", " + run_.meta->cpu + " (" +
                      run_.meta->arithmetic + "), " + std::to_string(run_.meta->threads) + " threads; started " +
                      run_.meta->started + ".");
    }
    page_.folded("Every setting of the run (config.yaml)", to_yaml(run_.config));
  }

  /// A page about one run need not name it in every row.
  static std::vector<Table> of_one_run(std::vector<Table> tables) {
    for (Table& t : tables) {
      if (t.columns.empty() || t.columns[0].heading != "run") continue;
      t.columns.erase(t.columns.begin());
      for (auto& row : t.rows) row.erase(row.begin());
    }
    return tables;
  }
  /// Those that there are, side by side where there is room.
  void figures(const std::vector<std::string_view>& names) {
    std::string all;
    for (const std::string_view name : names)
      for (const RunPlot& p : plots_)
        if (p.name == name) all += "<figure>" + p.svg + "</figure>\n";
    if (!all.empty()) page_.markup("<div class=\"plots\">\n" + all + "</div>\n");
  }
  /// The tables of a kind: NAME, NAME_2 …
  void tables(std::string_view name) {
    for (const Table& t : tables_)
      if (t.name == name || t.name.starts_with(std::string(name) + "_")) page_.table(t);
  }
  void picture(const Picture& p, const std::string& words) {
    const Index zoom = std::max<Index>(1, 640 / std::max<Index>(p.width, 1));
    page_.markup("<figure>" + html_picture(p, words, zoom) + "<figcaption>" + html_text(words) +
                 "</figcaption></figure>\n");
  }

  const RunResults& run_;
  const RunLook& look_;
  std::vector<RunPlot> plots_;
  std::vector<Table> tables_;
  HtmlPage page_;
};

}  // namespace detail

/// A run's report as one HTML page that needs nothing else. Parts without their inputs are left out, or say in a
/// sentence which program makes them. Throws: Error when a report of the run contradicts itself.
inline std::string run_report(const RunResults& run, const RunLook& look = {}) {
  return detail::RunReport(run, look).text();
}

/// Writes report.html and every plot as plots/NAME.svg into a run's folder; returns the report's path. Throws: Error
/// when something cannot be written.
inline std::filesystem::path write_run_report(const std::filesystem::path& folder, const RunResults& run,
                                              const RunLook& look = {}) {
  const auto plots = folder / "plots";
  auto report = folder / "report.html";
  std::error_code failed;
  std::filesystem::create_directories(plots, failed);
  if (failed) throw Error("cannot make the folder: " + failed.message(), plots.string(), "check its rights and disk");
  for (const RunPlot& p : run_plots(run, look)) write_file_atomically(plots / (p.name + ".svg"), svg_file(p.svg));
  write_file_atomically(report, run_report(run, look));
  return report;
}

}  // namespace sseg
