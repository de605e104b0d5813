#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/experiment/query_pictures.hpp"
#include "sseg/io/picture.hpp"

namespace sseg {

/// What a folder of pictures is like, by some of them.
struct FolderFacts {
  Index pictures = 0;    ///< that it holds, by their names
  Index looked_at = 0;   ///< that were read
  Index unreadable = 0;  ///< of those
  Index short_side = 0;  ///< median of the shorter sides, in pixels
  double coloured = 0;   ///< share of those with colour
  double two_toned = 0;  ///< share of those that are nearly all paper and ink
};

namespace detail {

struct PictureFacts {
  Index short_side;
  bool coloured, two_toned;
};

/// Coloured: the channels of a pixel differ by more than 8 of 255 in the mean. Two-toned: nine in ten pixels are within
/// an eighth of the range of tones from its darkest or its lightest.
inline PictureFacts facts_of(const Picture& p) {
  const Index pixels = p.height * p.width;
  double differences = 0;
  std::array<Index, 256> tones{};
  for (Index i = 0; i < pixels; ++i) {
    const std::uint8_t* v = p.bytes.data() + i * p.channels;
    const auto [least, most] = std::minmax_element(v, v + p.channels);
    differences += *most - *least;
    ++tones[p.channels == 1 ? *v : to_size((299 * v[0] + 587 * v[1] + 114 * v[2]) / 1000)];
  }
  Index dark = 0, light = 255, extreme = 0;
  while (tones[to_size(dark)] == 0) ++dark;
  while (tones[to_size(light)] == 0) --light;
  const Index near = (light - dark) / 8;
  for (Index t = dark; t <= light; ++t)
    if (t - dark <= near || light - t <= near) extreme += tones[to_size(t)];
  return {std::min(p.height, p.width), differences > 8 * static_cast<double>(pixels),
          light > dark && 10 * extreme >= 9 * pixels};
}

}  // namespace detail

/// Reads `sample` of the pictures, evenly spaced. Throws: Error as `QueryPictures`, and when none of them can be read.
inline FolderFacts folder_facts(Threads& threads, const std::filesystem::path& path, Index sample = 200) {
  const QueryPictures files(path);
  FolderFacts facts;
  facts.pictures = files.size();
  facts.looked_at = std::min(std::max<Index>(sample, 1), files.size());
  std::vector<std::optional<detail::PictureFacts>> found(to_size(facts.looked_at));
  threads.run(facts.looked_at, [&](Index i) {
    try {
      found[to_size(i)] = detail::facts_of(files.read(i * files.size() / facts.looked_at));
    } catch (const Error&) {  // counted below, and named when the pictures are loaded
    }
  });
  std::vector<Index> sides;
  for (const auto& one : found) {
    if (!one) continue;
    sides.push_back(one->short_side);
    facts.coloured += one->coloured;
    facts.two_toned += one->two_toned;
  }
  if (sides.empty())
    throw Error("none of " + std::to_string(facts.looked_at) + " pictures can be read", path.string(),
                "give undamaged PNG, JPEG or PNM pictures");
  facts.unreadable = facts.looked_at - static_cast<Index>(sides.size());
  facts.coloured /= static_cast<double>(sides.size());
  facts.two_toned /= static_cast<double>(sides.size());
  std::nth_element(sides.begin(), sides.begin() + static_cast<Index>(sides.size()) / 2, sides.end());
  facts.short_side = sides[sides.size() / 2];
  return facts;
}

}  // namespace sseg
