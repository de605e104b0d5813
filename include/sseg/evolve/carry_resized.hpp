#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// How one axis of a resized tensor came about: for every new position the old one, or -1 for a new unit.
struct AxisSource {
  int axis = 0;
  std::vector<Index> source;
  bool outgoing = false;  ///< weights out of the new units of this axis into old units start at 0
};

/// `groups` repetitions of `old_size` units, each widened to `new_size` at its end. (A flattened map repeats its
/// channels once a position.)
inline AxisSource widened_axis(int axis, Index old_size, Index new_size, Index groups = 1, bool outgoing = false) {
  AxisSource a{axis, {}, outgoing};
  for (Index g = 0; g < groups; ++g)
    for (Index i = 0; i < new_size; ++i) a.source.push_back(i < old_size ? g * old_size + i : -1);
  return a;
}

namespace detail {

/// Where a new element comes from: an old element, or nowhere, and then whether it must be zero.
struct ElementSource {
  Index old = -1;
  bool zero = false;
};

inline ElementSource source_of(Index element, const Shape& fresh, const Shape& old,
                               const std::vector<AxisSource>& axes) {
  Index rest = element, stride = 1, at = 0, missing = 0;
  bool out_of_new = false;
  for (int d = fresh.rank - 1; d >= 0; --d) {
    Index i = rest % fresh[d];
    rest /= fresh[d];
    for (const AxisSource& a : axes)
      if (a.axis == d) {
        i = a.source[to_size(i)];
        missing += i < 0;
        out_of_new |= i < 0 && a.outgoing;
      }
    at += i * stride;
    stride *= old[d];
  }
  return {missing ? -1 : at, out_of_new && missing == 1};
}

/// Gives elements that have no source a cohort of their own, that starts at the tensor's present step; copies are as
/// old as what they copy.
template <class T>
void age_elements(const typename ParamStore<T>::Entry& before, typename ParamStore<T>::Entry& after,
                  const std::vector<ElementSource>& from) {
  const bool uniform = before.cohort.empty();
  after.step = before.step;
  const bool any_new = std::any_of(from.begin(), from.end(), [](const ElementSource& s) { return s.old < 0; });
  if (uniform && !any_new) return;
  after.cohort_start = uniform ? std::vector<Index>{0} : before.cohort_start;
  if (any_new) after.cohort_start.push_back(before.step);
  require(after.cohort_start.size() <= 256, "a tensor was widened more than 255 times", "carry_resized",
          "widen by more channels at a time");
  const auto youngest = static_cast<std::uint8_t>(after.cohort_start.size() - 1);
  after.cohort.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    after.cohort[i] = from[i].old < 0 ? youngest : uniform ? std::uint8_t{0} : before.cohort[to_size(from[i].old)];
}

}  // namespace detail

/// Fills the resized entry `key` of `fresh` from its smaller self in `old`: value and moments of old elements bit for
/// bit; new elements keep their initial draw, or are 0 where they lead out of new units into old ones; their moments
/// are 0 and their age (for the optimizer's bias correction) starts now.
template <class T>
void carry_resized(const ParamStore<T>& old, ParamStore<T>& fresh, const std::string& key,
                   const std::vector<AxisSource>& axes) {
  const auto& before = old.at(key);
  auto& after = fresh.at(key);
  std::vector<detail::ElementSource> from(to_size(after.count()));
  for (Index i = 0; i < after.count(); ++i)
    from[to_size(i)] = detail::source_of(i, after.desc.shape, before.desc.shape, axes);

  const auto target = fresh.values(after);
  const auto source = old.values(before);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i].old >= 0)
      target[i] = source[to_size(from[i].old)];
    else if (from[i].zero)
      target[i] = T{};
  }
  if (!after.is_param()) return;
  for (std::size_t m = 0; m < std::min(old.moment.size(), fresh.moment.size()); ++m)
    for (std::size_t i = 0; i < from.size(); ++i)
      fresh.moment[m][after.offset + static_cast<Index>(i)] =
          from[i].old < 0 ? T{} : old.moment[m][before.offset + from[i].old];
  detail::age_elements<T>(before, after, from);
}

}  // namespace sseg
