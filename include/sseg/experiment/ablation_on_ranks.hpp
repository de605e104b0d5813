#pragma once
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sseg/dist/gather_texts.hpp"
#include "sseg/experiment/ablation.hpp"

namespace sseg {

namespace detail {

/// The failed cells of all ranks, in the order of the ranks.
template <class C>
void gather_failed(C& ranks, std::vector<FailedCell>& failed) {
  const Json mine = fields_to_json(failed);
  failed.clear();
  for (const std::string& text : gather_texts(ranks, to_text(mine))) {
    std::vector<FailedCell> theirs;
    fields_from_json(parse_json(text, "another rank"), theirs, "another rank");
    failed.insert(failed.end(), theirs.begin(), theirs.end());
  }
}

}  // namespace detail

/// Runs the grid of a plan as `run_ablation` does, its cells dealt out to the ranks of a communicator, one after the
/// other to the next rank; those that need another cell run after all others. All ranks call it and see the same files;
/// the first one writes the report and has it in the outcome, all know which cells failed. A cell comes to the same
/// bits on any rank. `backend`: this rank's own (not an Across). Ranks wait for the slowest, so the communicator's
/// time-out must be longer than a cell takes.
template <class B, Communicator C>
AblationOutcome run_ablation_on_ranks(B& backend, C& ranks, const AblationPlan& plan, const std::filesystem::path& root,
                                      const std::atomic<bool>& stop, std::FILE* out = stdout) {
  const std::vector<AblationCell> cells = ablation_cells(plan, root);
  std::filesystem::create_directories(root);
  AblationOutcome outcome;
  for (const bool last : {false, true}) {
    std::vector<AblationCell> mine;
    int next = 0;
    for (const AblationCell& cell : cells)
      if ((cell.variant.method == "fixed_final") == last && next++ % ranks.size() == ranks.rank()) mine.push_back(cell);
    detail::run_cells_here(backend, plan, mine, stop, outcome, out);
    gather_texts(ranks, "");  // nobody goes on before all are here
  }
  detail::gather_failed(ranks, outcome.failed);
  double stopped = stop ? 1 : 0;
  ranks.all_reduce(std::span<double>(&stopped, 1));
  if (ranks.rank() == 0) detail::conclude(plan, cells, root, {stopped > 0}, outcome);
  double interrupted = outcome.interrupted ? 1 : 0;
  ranks.broadcast(std::span<double>(&interrupted, 1));
  outcome.interrupted = interrupted > 0;
  return outcome;
}

}  // namespace sseg
