#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

/// The law of a communicator. Every rank runs it.
namespace communicator_law {

using namespace sseg;

/// What rank `rank` brings: values of many magnitudes, so that another order of the sum would show.
template <class T>
std::vector<T> of_rank(int rank, std::size_t count) {
  Rng rng = Rng(17).split(static_cast<std::uint64_t>(rank));
  std::vector<T> x(count);
  for (T& v : x) v = static_cast<T>(rng.normal() * (rng.chance(0.1f) ? 1e6f : 1.f));
  return x;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// All ranks hold the same.
template <Communicator C, class T>
bool same_on_all(C& ranks, const std::vector<T>& x) {
  std::vector<T> all(x.size() * static_cast<std::size_t>(ranks.size()));
  ranks.all_gather(std::span<const T>(x), std::span<T>(all));
  bool same = true;
  for (std::size_t r = 0; r < static_cast<std::size_t>(ranks.size()); ++r)
    same &= std::memcmp(all.data() + r * x.size(), x.data(), x.size() * sizeof(T)) == 0;
  return same;
}

template <class T, Communicator C>
void check_type(C& ranks, std::size_t count) {
  INFO(count << " elements of " << sizeof(T) << " bytes, rank " << ranks.rank() << " of " << ranks.size());
  const std::vector<T> mine = of_rank<T>(ranks.rank(), count);

  std::vector<double> want(count);
  for (int r = 0; r < ranks.size(); ++r) {
    const std::vector<T> theirs = of_rank<T>(r, count);
    for (std::size_t i = 0; i < count; ++i) want[i] += static_cast<double>(theirs[i]);
  }
  std::vector<T> sum = mine, again = mine;
  ranks.all_reduce(std::span<T>(sum));
  ranks.all_reduce(std::span<T>(again));
  double worst = 0;
  for (std::size_t i = 0; i < count; ++i)
    worst = std::max(worst, std::abs(static_cast<double>(sum[i]) - want[i]) / (1 + std::abs(want[i])));
  CHECK(worst < (sizeof(T) == sizeof(float) ? 1e-4 : 1e-12));
  CHECK(same_bits(sum, again));
  CHECK(same_on_all(ranks, sum));

  std::vector<T> told = mine;
  ranks.broadcast(std::span<T>(told));
  CHECK(same_bits(told, of_rank<T>(0, count)));

  std::vector<T> all(count * static_cast<std::size_t>(ranks.size()));
  ranks.all_gather(std::span<const T>(mine), std::span<T>(all));
  for (int r = 0; r < ranks.size(); ++r) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(r) * count);
    CHECK(same_bits(std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>(count)), of_rank<T>(r, count)));
  }
}

template <class C>
void obeys_communicator_law(C& ranks) {
  static_assert(Communicator<C>);
  REQUIRE(ranks.size() >= 1);
  REQUIRE((ranks.rank() >= 0 && ranks.rank() < ranks.size()));
  for (const std::size_t count : {0u, 1u, 7u, 1000u, 100003u}) {
    check_type<float>(ranks, count);
    check_type<double>(ranks, count);
  }
  std::vector<std::byte> word(3, static_cast<std::byte>(ranks.rank() + 1));
  std::vector<std::byte> words(3 * static_cast<std::size_t>(ranks.size()));
  ranks.all_gather(std::span<const std::byte>(word), std::span<std::byte>(words));
  CHECK(words.back() == static_cast<std::byte>(ranks.size()));
  ranks.broadcast(std::span<std::byte>(word));
  CHECK(word[2] == std::byte{1});
}

}  // namespace communicator_law
