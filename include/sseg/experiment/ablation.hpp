#pragma once
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/ablation_cell.hpp"
#include "sseg/experiment/ablation_report.hpp"
#include "sseg/experiment/run_processes.hpp"
#include "sseg/report/table_plain.hpp"

namespace sseg {

/// A cell that came to no result, and what to do about it.
struct FailedCell {
  std::string cell{};  ///< "no_rotation/2"
  std::string reason{};
};

}  // namespace sseg

SSEG_FIELDS(sseg::FailedCell, cell, reason);

namespace sseg {

/// What became of a grid.
struct AblationOutcome {
  AblationReport report{};
  Table table{};
  std::vector<FailedCell> failed{};
  bool interrupted = false;
};

/// The command that runs one cell in a process of its own: the caller's program with its arguments and --cell NAME.
using CellCommand = std::function<ProcessCommand(const AblationCell&)>;

namespace detail {

inline void say_cell(std::FILE* out, std::size_t number, std::size_t of, const AblationCell& cell,
                     const std::string& what) {
  std::fprintf(out, "cell %zu of %zu: %s: %s\n", number, of, cell.name().c_str(), what.c_str());
  std::fflush(out);
}

/// One cell after the other in this process. A cell that fails is noted, and the others go on.
template <class B>
void run_cells_here(B& backend, const AblationPlan& plan, const std::vector<AblationCell>& cells,
                    const std::atomic<bool>& stop, AblationOutcome& outcome, std::FILE* out) {
  for (std::size_t i = 0; i < cells.size() && !stop; ++i) {
    const AblationCell& cell = cells[i];
    say_cell(out, i + 1, cells.size(), cell, cell.finished() ? "finished before" : cell.folder.string());
    try {
      if (!run_ablation_cell(backend, plan, cell, stop, out)) return;
    } catch (const std::exception& e) {
      outcome.failed.push_back({cell.name(), e.what()});
      std::fprintf(out, "%s\n", e.what());
    }
  }
}

/// As many processes at a time as `jobs`. Cells that need another one run after all others.
inline void run_cells_apart(const std::vector<AblationCell>& cells, int jobs, const CellCommand& command,
                            const std::atomic<bool>& stop, AblationOutcome& outcome, std::FILE* out) {
  for (const bool last : {false, true}) {
    std::vector<ProcessCommand> commands;
    std::vector<const AblationCell*> started;
    for (const AblationCell& cell : cells) {
      if ((cell.variant.method == "fixed_final") != last || cell.finished()) continue;
      std::filesystem::create_directories(cell.folder);
      commands.push_back(command(cell));
      started.push_back(&cell);
    }
    std::size_t done = 0;
    run_processes(commands, jobs, stop, [&](const ProcessEnd& end) {
      const AblationCell& cell = *started[end.index];
      const ProcessCommand& c = commands[end.index];
      if (end.code == 0 && cell.finished()) return say_cell(out, ++done, started.size(), cell, "finished");
      if (end.code == 130 && stop) return;
      const std::string reason =
          "exit code " + std::to_string(end.code) + ", output in " + c.log.string() + "; to run it again: " + c.text();
      outcome.failed.push_back({cell.name(), reason});
      say_cell(out, ++done, started.size(), cell, "failed: " + reason);
    });
  }
}

/// Reads what is finished, and writes the report of it.
inline void conclude(const AblationPlan& plan, const std::vector<AblationCell>& cells,
                     const std::filesystem::path& root, const std::atomic<bool>& stop, AblationOutcome& outcome) {
  std::vector<CellResult> results;
  for (const AblationCell& cell : cells)
    if (cell.finished()) results.push_back(read_cell(cell));
  outcome.interrupted = stop && results.size() + outcome.failed.size() < cells.size();
  outcome.report = ablation_report(plan, results);
  outcome.table = ablation_table(plan, outcome.report);
  write_ablation(root / "ablation.json", outcome.report);
  write_file_atomically(root / "ablation.txt", to_plain_text(outcome.table));
}

}  // namespace detail

/// Runs the grid of a plan below `root` and writes ablation.json there, also for a part of it. What is finished is
/// kept, what was interrupted goes on, what fails is told while the others go on. `jobs` 1 or no `command`: all in this
/// process, by `backend`; more: processes, each of which runs one cell. The order of the cells and the number of
/// processes do not change the result.
template <class B>
AblationOutcome run_ablation(B& backend, const AblationPlan& plan, const std::filesystem::path& root, int jobs,
                             const CellCommand& command, const std::atomic<bool>& stop, std::FILE* out = stdout) {
  const std::vector<AblationCell> cells = ablation_cells(plan, root);
  std::filesystem::create_directories(root);
  AblationOutcome outcome;
  if (jobs > 1 && command)
    detail::run_cells_apart(cells, jobs, command, stop, outcome, out);
  else
    detail::run_cells_here(backend, plan, cells, stop, outcome, out);
  detail::conclude(plan, cells, root, stop, outcome);
  return outcome;
}

/// Runs the one cell of a plan with this name, as the processes of `run_ablation` do. False: interrupted. Throws: Error
/// when there is no such cell, and as `run_ablation_cell`.
template <class B>
bool run_cell_named(B& backend, const AblationPlan& plan, const std::filesystem::path& root, const std::string& name,
                    const std::atomic<bool>& stop, std::FILE* out = stdout) {
  for (const AblationCell& cell : ablation_cells(plan, root))
    if (cell.name() == name) return run_ablation_cell(backend, plan, cell, stop, out).has_value();
  throw Error("the grid has no cell '" + name + "'", "--cell", "give VARIANT/SEED");
}

}  // namespace sseg
