#pragma once
#include <algorithm>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/features.hpp"

namespace sseg {

/// How some labelled pictures score when each is classified by all the others.
struct LeftOutScores {
  Index way = 0;
  std::vector<Index> label;   ///< the class of each picture that was left out
  std::vector<float> scores;  ///< (pictures, way), row after row

  Index size() const { return static_cast<Index>(label.size()); }
  const float* row(Index i) const { return scores.data() + i * way; }
};

namespace detail {

/// Of the pictures whose class has another, at most `most`, evenly spaced.
inline std::vector<Index> pictures_to_leave_out(const std::vector<Index>& label, Index way, Index most) {
  std::vector<Index> count(to_size(way), 0), usable, chosen;
  for (const Index k : label) {
    require(k >= 0 && k < way, "a label is not one of the classes", "leave_one_out", "give labels 0 to way - 1");
    ++count[to_size(k)];
  }
  for (std::size_t i = 0; i < label.size(); ++i)
    if (count[to_size(label[i])] > 1) usable.push_back(static_cast<Index>(i));
  const auto all = static_cast<Index>(usable.size()), take = std::min(most, all);
  for (Index j = 0; j < take; ++j) chosen.push_back(usable[to_size(j * all / take)]);
  return chosen;
}

}  // namespace detail

/// The scores of `rows`, one a picture with the class `label`, by `protocol`, each picture left out of its own support.
/// Only pictures whose class has another one; of more than `most`, that many, evenly spaced. The same for any number of
/// threads. Throws: Error as `protocol`, and for a label that is none of 0 … way − 1.
template <Protocol P>
LeftOutScores leave_one_out(Threads& threads, const P& protocol, const Features& rows, const std::vector<Index>& label,
                            Index way, Index most = 200) {
  require(static_cast<Index>(label.size()) == rows.size(), "labels and pictures differ in number", "leave_one_out",
          "give every picture its class");
  const std::vector<Index> chosen = detail::pictures_to_leave_out(label, way, most);
  LeftOutScores out{way, {}, std::vector<float>(chosen.size() * to_size(way))};
  for (const Index i : chosen) out.label.push_back(label[to_size(i)]);
  threads.run(static_cast<Index>(chosen.size()), [&](Index j) {
    const Index i = chosen[to_size(j)];
    std::vector<Index> others, of_others;
    for (Index o = 0; o < rows.size(); ++o)
      if (o != i) others.push_back(o), of_others.push_back(label[to_size(o)]);
    Buffer<float> support;
    rows.gather(others, support);
    protocol.classify({{support.data(), {static_cast<Index>(others.size()), rows.dim}},
                       of_others,
                       way,
                       {rows.row(i).data, {1, rows.dim}}},
                      {out.scores.data() + j * way, {1, way}});
  });
  return out;
}

}  // namespace sseg
