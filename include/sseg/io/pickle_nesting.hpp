#pragma once
#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg::detail {

/// The `i`-th value directly within a list, tuple or dict (its keys and values in turn); null past the last.
inline const PickleValue* pickle_part(const PickleValue& value, std::size_t i) {
  if (const auto* l = value.list()) return i < l->items.size() ? l->items[i] : nullptr;
  if (const auto* d = value.dict(); d != nullptr && i / 2 < d->items.size())
    return i % 2 == 0 ? d->items[i / 2].first : d->items[i / 2].second;
  return nullptr;
}

enum class PickleNesting { sound, too_deep, within_itself };

/// Whether lists and dicts below `root` lie in one another at most `depth` deep, and none in itself. Time and memory
/// grow with the number of values and items, shared ones counted once.
inline PickleNesting nesting_of(const PickleValue& root, Index depth) {
  struct Open {
    const PickleValue* value;
    std::size_t next = 0;
    Index depth = 0;  ///< of what was seen within it
  };
  constexpr Index unfinished = -1;
  std::unordered_map<const PickleValue*, Index> depth_of;
  std::vector<Open> open{{&root}};
  depth_of.emplace(&root, unfinished);
  while (!open.empty()) {
    Open& top = open.back();
    const PickleValue* part = pickle_part(*top.value, top.next++);
    if (part == nullptr) {
      const Index own = top.depth + 1;
      depth_of[top.value] = own;
      open.pop_back();
      if (own > depth) return PickleNesting::too_deep;
      if (!open.empty()) open.back().depth = std::max(open.back().depth, own);
    } else if (part->list() != nullptr || part->dict() != nullptr) {
      const auto [seen, fresh] = depth_of.emplace(part, unfinished);
      if (fresh)
        open.push_back({part});
      else if (seen->second == unfinished)
        return PickleNesting::within_itself;
      else
        top.depth = std::max(top.depth, seen->second);
    }
  }
  return PickleNesting::sound;
}

}  // namespace sseg::detail
