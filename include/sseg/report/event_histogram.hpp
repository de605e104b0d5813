#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/io/wire_writer.hpp"

namespace sseg {

namespace detail {

/// The right ends of TensorBoard's buckets: … −1.1·10⁻¹², −10⁻¹², 0, 10⁻¹², 1.1·10⁻¹² …, each a tenth farther from 0
/// than the one before, up to 10²⁰; the last is the largest double.
inline const std::vector<double>& event_bucket_limits() {
  static const std::vector<double> limits = [] {
    std::vector<double> all{0};
    const auto add = [&](double v) { all.insert(all.end(), {v, -v}); };
    for (double v = 1e-12; v < 1e20; v *= 1.1) add(v);
    add(std::numeric_limits<double>::max());
    std::sort(all.begin(), all.end());
    return all;
  }();
  return limits;
}

/// The place of the first limit above a finite value, found in a table by the value's sign, exponent and three more
/// bits: within such a group of values there are at most a few limits.
inline std::size_t event_bucket(float value) {
  constexpr int rest_bits = 20;
  static const std::vector<std::uint16_t> first = [] {
    const auto& limits = event_bucket_limits();
    std::vector<std::uint16_t> places(std::size_t{1} << (32 - rest_bits));
    for (std::uint32_t group = 0; group < places.size(); ++group) {
      const bool negative = group >= places.size() / 2;  // the least of them has the largest magnitude
      const std::uint32_t least = group << rest_bits | (negative ? (1u << rest_bits) - 1 : 0u);
      const auto v = static_cast<double>(std::bit_cast<float>(least));
      places[group] = static_cast<std::uint16_t>(std::upper_bound(limits.begin(), limits.end(), v) - limits.begin());
    }
    return places;
  }();
  const double* const limits = event_bucket_limits().data();
  std::size_t bucket = first[std::bit_cast<std::uint32_t>(value) >> rest_bits];
  while (limits[bucket] <= static_cast<double>(value)) ++bucket;
  return bucket;
}

}  // namespace detail

/// How many of some values lie in each of TensorBoard's exponential buckets; a value counts into the first bucket
/// whose right end is above it. Values that are not finite are left out.
class EventHistogram {
 public:
  explicit EventHistogram(std::span<const float> values) : count_(detail::event_bucket_limits().size(), 0) {
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      const auto v = static_cast<double>(value);
      count_[detail::event_bucket(value)] += 1;
      min_ = number_ == 0 ? v : std::min(min_, v);
      max_ = number_ == 0 ? v : std::max(max_, v);
      sum_ += v;
      squares_ += v * v;
      ++number_;
    }
  }

  /// The HistogramProto, from the first bucket with a value to the last.
  WireWriter message() const {
    const auto& limits = detail::event_bucket_limits();
    std::size_t begin = 0, end = count_.size();
    while (begin + 1 < end && count_[begin] == 0) ++begin;
    while (begin + 1 < end && count_[end - 1] == 0) --end;
    const std::vector<double> right_ends(limits.begin() + static_cast<Index>(begin),
                                         limits.begin() + static_cast<Index>(end));
    const std::vector<double> counts(count_.begin() + static_cast<Index>(begin),
                                     count_.begin() + static_cast<Index>(end));
    WireWriter m;
    m.real(1, min_).real(2, max_).real(3, static_cast<double>(number_)).real(4, sum_).real(5, squares_);
    return m.words(6, std::span(right_ends)).words(7, std::span(counts));
  }

 private:
  std::vector<double> count_;
  Index number_ = 0;
  double min_ = 0, max_ = 0, sum_ = 0, squares_ = 0;
};

}  // namespace sseg
