#pragma once
#include <array>
#include <span>
#include <string_view>

#include "sseg/core/shape.hpp"
#include "sseg/data/split.hpp"

namespace sseg {

/// Characters `first` to `last` of an alphabet, both counted: "Greek/character01" is number 1.
struct OmniglotRange {
  std::string_view alphabet;
  Index first = 0, last = 0;
};

namespace detail {

inline constexpr std::array<OmniglotRange, 33> omniglot_vinyals_train{{
    {"Alphabet_of_the_Magi", 1, 20},
    {"Angelic", 1, 20},
    {"Anglo-Saxon_Futhorc", 1, 29},
    {"Arcadian", 1, 26},
    {"Asomtavruli_(Georgian)", 1, 40},
    {"Atemayar_Qelisayer", 1, 26},
    {"Atlantean", 1, 26},
    {"Aurek-Besh", 1, 26},
    {"Avesta", 1, 26},
    {"Balinese", 1, 24},
    {"Blackfoot_(Canadian_Aboriginal_Syllabics)", 1, 14},
    {"Braille", 1, 26},
    {"Burmese_(Myanmar)", 1, 34},
    {"Cyrillic", 1, 33},
    {"Futurama", 1, 26},
    {"Ge_ez", 1, 26},
    {"Glagolitic", 1, 45},
    {"Grantha", 1, 43},
    {"Greek", 1, 24},
    {"Gujarati", 1, 48},
    {"Gurmukhi", 1, 41},
    {"Inuktitut_(Canadian_Aboriginal_Syllabics)", 1, 16},
    {"Japanese_(hiragana)", 1, 52},
    {"Japanese_(katakana)", 1, 47},
    {"Korean", 1, 40},
    {"Latin", 1, 26},
    {"Malay_(Jawi_-_Arabic)", 1, 40},
    {"N_Ko", 1, 33},
    {"Ojibwe_(Canadian_Aboriginal_Syllabics)", 1, 14},
    {"Sanskrit", 1, 42},
    {"Syriac_(Estrangelo)", 1, 23},
    {"Tagalog", 1, 17},
    {"Tifinagh", 1, 55},
}};
inline constexpr std::array<OmniglotRange, 5> omniglot_vinyals_validation{{
    {"Armenian", 1, 41},
    {"Bengali", 1, 46},
    {"Early_Aramaic", 1, 22},
    {"Hebrew", 1, 22},
    {"Mkhedruli_(Georgian)", 1, 41},
}};
inline constexpr std::array<OmniglotRange, 13> omniglot_vinyals_test{{
    {"Gurmukhi", 42, 45},
    {"Kannada", 1, 41},
    {"Keble", 1, 26},
    {"Malayalam", 1, 47},
    {"Manipuri", 1, 40},
    {"Mongolian", 1, 30},
    {"Old_Church_Slavonic_(Cyrillic)", 1, 45},
    {"Oriya", 1, 46},
    {"Sylheti", 1, 28},
    {"Syriac_(Serto)", 1, 23},
    {"Tengwar", 1, 25},
    {"Tibetan", 1, 42},
    {"ULOG", 1, 26},
}};

}  // namespace detail

/// The characters of Omniglot in the split of Vinyals et al. (2016), 1028/172/423, as the lists of
/// github.com/jakesnell/prototypical-networks, data/omniglot/splits/vinyals, have them (there with three more turns of
/// each, 4112/688/1692), in the order of alphabets by bytes. It draws on the background and the evaluation set, and
/// cuts the alphabet Gurmukhi in two: who trains on it has seen alphabets of the one-shot runs.
constexpr std::span<const OmniglotRange> omniglot_vinyals_split(Split split) {
  if (split == Split::train) return detail::omniglot_vinyals_train;
  if (split == Split::validation) return detail::omniglot_vinyals_validation;
  return detail::omniglot_vinyals_test;
}

}  // namespace sseg
