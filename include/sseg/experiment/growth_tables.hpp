#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/experiment/run_results.hpp"
#include "sseg/report/table_cells.hpp"

namespace sseg {

namespace detail {

/// "demo/2026-11-28_15-04-47: trained on shapes, seed 1."
inline std::string run_note(const RunResults& run) {
  return run.label + ": trained on " + run.config.data.source + ", seed " + std::to_string(run.config.seed) + ".";
}

}  // namespace detail

/// A row a run: what it was trained on, how far it came, and what its net costs.
inline Table run_table(const std::vector<RunResults>& runs) {
  Table t{
      .name = "runs",
      .caption = "Runs",
      .columns = {{"run", ""},
                  {"data", ""},
                  {"seed", ""},
                  {"status", ""},
                  {"step", ""},
                  {"loss", ""},
                  {"probe", ""},
                  {"mutations", ""},
                  {"parameters", ""},
                  {"MACs", ""},
                  {"time", "s"}},
      .rows = {},
      .notes = {"Of the last look at the probe: loss, mean since the look before; probe, share of held-out pictures "
                "whose other view is the nearest, without labels; MACs, multiply-adds for one image through "
                "backbone and heads. Time by the clock, other work on the machine included."}};
  for (const RunResults& run : runs) {
    std::vector<Cell> row{run.label,
                          run.config.data.source,
                          std::to_string(run.config.seed),
                          run.meta ? run.meta->status : "",
                          {},
                          {},
                          {},
                          {},
                          {},
                          {},
                          run.meta && run.meta->seconds > 0 ? Cell(run.meta->seconds, 0) : Cell()};
    if (!run.metrics.empty()) {
      const MetricsRow& m = run.metrics.back();
      row[4] = count_cell(m.step);
      row[5] = {m.loss, 3};
      row[6] = {m.probe, 3};
      row[7] = count_cell(m.mutations);
      row[8] = count_cell(m.params);
      row[9] = count_cell(m.macs);
    }
    t.add(std::move(row));
  }
  return t;
}

/// A row a mutation. Without one there is no table.
inline std::vector<Table> mutation_tables(const std::vector<RunResults>& runs) {
  Table t{.name = "mutations",
          .caption = "Mutations",
          .columns = {{"run", ""},
                      {"step", ""},
                      {"mutation", ""},
                      {"place", ""},
                      {"function", ""},
                      {"parameters before", ""},
                      {"parameters after", ""},
                      {"MACs before", ""},
                      {"MACs after", ""},
                      {"probe before", ""},
                      {"probe after", ""},
                      {"net after", ""}},
          .rows = {},
          .notes = {"MACs: multiply-adds for one image through backbone and heads. Probe: share of held-out pictures "
                    "whose other view is the nearest, without labels, just before and after the mutation."}};
  for (const RunResults& run : runs) {
    for (const MutationRecord& m : run.history)
      t.add({run.label,
             count_cell(m.step),
             m.kind,
             m.place,
             m.keeps_function ? "kept" : "changed",
             count_cell(m.params_before),
             count_cell(m.params_after),
             count_cell(m.macs_before),
             count_cell(m.macs_after),
             {m.probe_before, 3},
             {m.probe_after, 3},
             m.net_after});
    if (!run.history.empty()) t.notes.push_back(detail::run_note(run));
  }
  return t.rows.empty() ? std::vector<Table>{} : std::vector<Table>{t};
}

/// What matched forks say of a mutation: a row a protocol. Without a fork there is no table.
inline std::vector<Table> fork_tables(const std::vector<RunResults>& runs) {
  Table t{.name = "forks",
          .caption = "With and without a mutation, from one snapshot over the same batches",
          .columns = {{"run", ""},
                      {"mutation", ""},
                      {"episodes", ""},
                      {"protocol", ""},
                      {"before", "%"},
                      {"without", "%"},
                      {"with", "%"},
                      {"difference over episodes", "points"},
                      {"difference over data orders", "points"}},
          .rows = {},
          .notes = {"Difference: with the mutation − without, matched pairs; ± Student's t·s/√n, 95 %. Over episodes: "
                    "the noise of the test, for these trained nets. Over data orders: the noise of training, for this "
                    "snapshot and these episodes; empty where one order was trained."}};
  for (const RunResults& run : runs) {
    if (!run.fork) continue;
    const ForkReport& f = *run.fork;
    for (const ForkRow& r : f.rows)
      t.add({run.label,
             f.mutation.kind + " " + f.mutation.place,
             std::to_string(r.way) + "-way " + std::to_string(r.shot) + "-shot",
             r.protocol,
             {r.snapshot, 2},
             {r.plain, 2},
             {r.grown, 2},
             difference_cell(r.over_episodes),
             difference_cell(r.over_orders)});
    if (!f.rows.empty())
      t.notes.push_back(run.label + ": " + std::to_string(f.steps) + " steps from step " + std::to_string(f.step) +
                        " on, " + std::to_string(f.orders) + (f.orders == 1 ? " data order; " : " data orders; ") +
                        std::to_string(f.rows.front().episodes) + " episodes of " + f.dataset + ", " + f.split + ", " +
                        std::to_string(f.rows.front().query) + " query images a class; seed " + std::to_string(f.seed) +
                        ".");
  }
  return t.rows.empty() ? std::vector<Table>{} : std::vector<Table>{t};
}

}  // namespace sseg
