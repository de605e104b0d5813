#pragma once
#include <utility>
#include <vector>

#include "sseg/experiment/few_shot_tables.hpp"
#include "sseg/experiment/growth_tables.hpp"
#include "sseg/experiment/path_tables.hpp"
#include "sseg/experiment/run_results.hpp"
#include "sseg/experiment/seed_tables.hpp"
#include "sseg/report/table.hpp"

namespace sseg {

/// Every table that the results of one or several runs fill: runs, few_shot, differences, omniglot_runs, seeds, paths,
/// path_differences, path_costs, mutations and forks, in this order; a second one of a kind is NAME_2. Throws: Error
/// when a report contradicts itself.
inline std::vector<Table> result_tables(const std::vector<RunResults>& runs) {
  std::vector<Table> all{run_table(runs)};
  const auto add = [&](std::vector<Table> tables) {
    for (Table& t : tables) all.push_back(std::move(t));
  };
  for (auto* const tables : {few_shot_tables, difference_tables, omniglot_tables}) add(tables(runs));
  add(seed_tables(runs));
  for (auto* const tables : {path_tables, mutation_tables, fork_tables}) add(tables(runs));
  return all;
}

}  // namespace sseg
