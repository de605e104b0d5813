#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sseg/report/table_pivot.hpp"

namespace sseg {

/// Values under the same conditions, which a caption says in words.
struct TableGroup {
  std::string conditions;
  TablePivot pivot;
  std::vector<std::string> notes{};

  void note(const std::string& text) {
    if (!text.empty() && std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
  }
};

/// Tables of what cannot stand in one: a group for each of the conditions, in the order in which they come.
class TableGroups {
 public:
  explicit TableGroups(std::vector<std::string> key) : key_(std::move(key)) {}

  TableGroup& operator[](const std::string& conditions) {
    const auto at =
        std::find_if(groups_.begin(), groups_.end(), [&](const TableGroup& g) { return g.conditions == conditions; });
    return at != groups_.end() ? *at : groups_.emplace_back(TableGroup{conditions, TablePivot(key_)});
  }
  /// NAME, NAME_2, NAME_3 …
  std::vector<Table> tables(const std::string& name, const std::string& caption) const {
    std::vector<Table> all;
    for (const TableGroup& g : groups_) {
      Table& t = all.emplace_back();
      t.name = all.size() == 1 ? name : name + "_" + std::to_string(all.size());
      t.caption = caption + ": " + g.conditions;
      t.notes = g.notes;
      g.pivot.fill(t);
    }
    return all;
  }

 private:
  std::vector<std::string> key_;
  std::vector<TableGroup> groups_;
};

}  // namespace sseg
