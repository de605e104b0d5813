#pragma once
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"

namespace sseg {

/// The official sets of drawings (Lake et al. 2015): 30 alphabets to learn from, 20 others to be tested on, and two
/// "minimal" choices of 5 alphabets to learn from.
enum class OmniglotSet { background, evaluation, minimal1, minimal2 };

constexpr std::string_view to_string(OmniglotSet set) {
  constexpr std::string_view names[] = {"background", "evaluation", "minimal1", "minimal2"};
  return names[static_cast<int>(set)];
}

/// The other way round. `where`: who named it. Throws: Error for a name that is none.
inline OmniglotSet omniglot_set_named(std::string_view name, const std::string& where) {
  for (const auto set :
       {OmniglotSet::background, OmniglotSet::evaluation, OmniglotSet::minimal1, OmniglotSet::minimal2})
    if (name == to_string(set)) return set;
  throw Error("there is no set '" + std::string(name) + "' of Omniglot", where,
              "give background, evaluation, minimal1 or minimal2");
}

/// The name under which the set is passed on: that of its folder, and with ".zip" of its archive.
constexpr std::string_view file_name(OmniglotSet set) {
  constexpr std::string_view names[] = {"images_background", "images_evaluation", "images_background_small1",
                                        "images_background_small2"};
  return names[static_cast<int>(set)];
}

}  // namespace sseg
