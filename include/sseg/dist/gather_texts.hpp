#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// The texts of all ranks by rank, on every rank; they may be of any length. All ranks call it.
template <Communicator C>
std::vector<std::string> gather_texts(C& ranks, std::string_view mine) {
  const std::size_t k = to_size(ranks.size());
  std::vector<double> sizes(k);
  const double size = static_cast<double>(mine.size());
  ranks.all_gather(std::span<const double>(&size, 1), std::span<double>(sizes));
  const auto most = static_cast<std::size_t>(*std::max_element(sizes.begin(), sizes.end()));
  std::vector<std::byte> padded(most), all(most * k);
  std::transform(mine.begin(), mine.end(), padded.begin(), [](char c) { return static_cast<std::byte>(c); });
  ranks.all_gather(std::span<const std::byte>(padded), std::span<std::byte>(all));
  std::vector<std::string> texts(k);
  for (std::size_t r = 0; r < k; ++r) {
    const auto text = std::span<const std::byte>(all).subspan(r * most, static_cast<std::size_t>(sizes[r]));
    for (const std::byte b : text) texts[r].push_back(static_cast<char>(b));
  }
  return texts;
}

}  // namespace sseg
