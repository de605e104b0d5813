#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot_vinyals_split.hpp"
#include "sseg/data/split.hpp"

namespace sseg {

namespace detail {

/// The drawings of the named characters out of two sets, in the order of the names; labels and groups count from 0.
class OmniglotSelection {
 public:
  OmniglotSelection(const Images& first, const Images& second) : sets_{&first, &second} {
    for (std::size_t s = 0; s < 2; ++s) {
      const Images& set = *sets_[s];
      if (set.label.size() != to_size(set.size()) || set.group.size() != to_size(set.size()))
        throw Error("drawings without their characters and alphabets", set.name, "Give what load_omniglot returns.");
      drawings_[s].resize(set.classes.size());
      for (Index i = 0; i < set.size(); ++i) drawings_[s][to_size(set.label[to_size(i)])].push_back(i);
      for (std::size_t k = 0; k < set.classes.size(); ++k)
        if (!place_.emplace(set.classes[k], std::pair{s, k}).second)
          throw Error("the character '" + set.classes[k] + "' is in both sets", set.name,
                      "Give the background and the evaluation set.");
    }
    if (first.shape != second.shape)
      throw Error("drawings of " + to_string(first.shape) + " and of " + to_string(second.shape), second.name,
                  "Load both sets with the same OmniglotOptions.");
  }

  /// Chooses a character next. Throws `Error` when it is in neither set.
  void add(const std::string& character) {
    const auto at = place_.find(character);
    if (at == place_.end())
      throw Error("the character '" + character + "' is in neither set", sets_[0]->name + " and " + sets_[1]->name,
                  "Give the whole background and evaluation set.");
    const auto [set, k] = at->second;
    classes_.push_back(character);
    const std::string alphabet = character.substr(0, character.find('/'));
    if (groups_.empty() || groups_.back() != alphabet) groups_.push_back(alphabet);
    for (const Index i : drawings_[set][k]) {
      chosen_.emplace_back(set, i);
      label_.push_back(static_cast<Index>(classes_.size()) - 1);
      group_.push_back(static_cast<Index>(groups_.size()) - 1);
    }
  }

  Images images(const std::string& name) const {
    const Shape& shape = sets_[0]->shape;
    Images out{name,     shape,  Buffer<float>(static_cast<Index>(chosen_.size()) * shape.count()), label_, group_,
               classes_, groups_};
    for (std::size_t k = 0; k < chosen_.size(); ++k)
      std::copy_n(sets_[chosen_[k].first]->image(chosen_[k].second).data, shape.count(),
                  out.image(static_cast<Index>(k)).data);
    return out;
  }

 private:
  const Images* sets_[2];
  std::vector<std::vector<Index>> drawings_[2];  ///< of each character of each set
  std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> place_;
  std::vector<std::pair<std::size_t, Index>> chosen_;
  std::vector<Index> label_, group_;
  std::vector<std::string> classes_, groups_;
};

}  // namespace detail

/// The drawings of a Vinyals split out of the background and the evaluation set, as `load_omniglot` returns them:
/// label, group, classes and groups are those of the split alone, in the order of `omniglot_vinyals_split(split)`.
/// `with_quarter_turns` makes the usual 4112, 688 or 1692 classes of them.
/// Throws `Error`: a character of the split in neither set, one in both, sets without labels or of different sizes.
inline Images omniglot_vinyals(const Images& background, const Images& evaluation, Split split) {
  detail::OmniglotSelection selection(background, evaluation);
  for (const OmniglotRange& range : omniglot_vinyals_split(split))
    for (Index n = range.first; n <= range.last; ++n)
      selection.add(std::string(range.alphabet) + "/character" + (n < 10 ? "0" : "") + std::to_string(n));
  return selection.images("Omniglot " + std::string(to_string(split)) + ", Vinyals split");
}

}  // namespace sseg
