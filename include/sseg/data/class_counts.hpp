#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/split.hpp"

namespace sseg::detail {

/// Throws unless every class has `expected` pictures, or with `expected` 0 at least one; names the first five classes
/// that have not.
template <class Names>
void check_class_counts(const Names& classes, const std::vector<Index>& label, Split split, Index expected,
                        const std::string& where) {
  std::vector<Index> count(classes.size());
  for (const Index l : label) ++count[to_size(l)];
  std::string wrong;
  Index faults = 0;
  for (std::size_t k = 0; k < count.size(); ++k) {
    if (expected == 0 ? count[k] > 0 : count[k] == expected) continue;
    if (++faults <= 5)
      wrong += (faults > 1 ? ", '" : "'") + std::string(classes[k]) + "' has " + std::to_string(count[k]);
  }
  if (faults == 0) return;
  if (faults > 5) wrong += ", and so on";
  throw Error(std::to_string(faults) + " of the " + std::to_string(count.size()) + " classes of the " +
                  std::string(to_string(split)) + " split do not have " +
                  (expected == 0 ? "a picture" : std::to_string(expected) + " pictures") + ": " + wrong,
              where, "The data set is not whole here: fetch or unpack it again, or name another split.");
}

}  // namespace sseg::detail
