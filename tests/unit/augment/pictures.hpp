#pragma once
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/core/view.hpp"

namespace sseg_test {

using sseg::Index;

/// One image that owns its values.
struct Picture {
  sseg::Shape shape;
  std::vector<float> value;

  explicit Picture(sseg::Shape s, float fill = 0) : shape(s), value(sseg::to_size(s.count()), fill) {}
  sseg::View<const float> view() const { return {value.data(), shape}; }
  sseg::View<float> view() { return {value.data(), shape}; }
  float at(Index y, Index x, Index c = 0) const { return value[sseg::to_size((y * shape[1] + x) * shape[2] + c)]; }
  bool operator==(const Picture&) const = default;
};

inline Picture random_picture(sseg::Shape s, std::uint64_t seed) {
  Picture p(s);
  sseg::Rng rng(seed);
  for (float& v : p.value) v = rng.uniform();
  return p;
}

/// The augmented picture for one stream; starts from rubbish, so that what is not written shows.
template <class A>
Picture augmented(const A& augment, const Picture& in, std::uint64_t seed) {
  Picture out(augment.out_shape(in.shape), -99.f);
  sseg::Rng rng(seed);
  augment(rng, in.view(), out.view());
  return out;
}

}  // namespace sseg_test
