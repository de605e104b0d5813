#pragma once
#include <string>

#include "sseg/augment/quarter_turn.hpp"
#include "sseg/data/images.hpp"

namespace sseg {

/// Every image in its four quarter turns, all images of one turn after those of the turn before. A turned drawing is
/// another character (Santoro et al. 2016): labels go on with classes·turn, and classes get a name of their own; groups
/// stay. Throws: Error when the images are not square.
inline Images with_quarter_turns(const Images& images) {
  const Index n = images.size();
  const auto classes = static_cast<Index>(images.classes.size());
  Images out{images.name + ", 4 quarter turns",
             images.shape,
             Buffer<float>(4 * images.pixels.size()),
             {},
             {},
             {},
             images.groups};
  for (Index turn = 0; turn < 4; ++turn) {
    for (Index i = 0; i < n; ++i) quarter_turn(images.image(i), out.image(turn * n + i), turn);
    for (const Index label : images.label) out.label.push_back(turn * classes + label);
    out.group.insert(out.group.end(), images.group.begin(), images.group.end());
    for (const std::string& name : images.classes)
      out.classes.push_back(turn == 0 ? name : name + ", turned by " + std::to_string(90 * turn));
  }
  return out;
}

}  // namespace sseg
