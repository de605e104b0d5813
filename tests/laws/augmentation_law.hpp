#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sseg/concepts/augmentation.hpp"
#include "support/catch.hpp"

namespace law {

using sseg::Index;
using sseg::Rng;
using sseg::Shape;
using sseg::to_size;
using sseg::View;

/// Gray strokes on paper 0, off centre: every augmentation has something to move, erase and centre.
inline std::vector<float> drawing(Shape s) {
  std::vector<float> v(to_size(s.count()));
  Rng rng(17);
  for (Index y = 0; y < s[0]; ++y)
    for (Index x = 0; x < s[1]; ++x)
      for (Index c = 0; c < s[2]; ++c) {
        const bool ink = 6 * y > s[0] && 2 * y < s[0] && 3 * x > s[1] && 8 * x < 7 * s[1];
        v[to_size((y * s[1] + x) * s[2] + c)] = ink ? rng.uniform(0.5f, 1.f) : 0.f;
      }
  return v;
}

/// What one call wrote, and the stream's next draw after it.
struct Drawn {
  std::vector<float> picture;
  std::uint32_t next;
  bool operator==(const Drawn&) const = default;
};

/// Augments `in` with the stream `rng`, into memory that holds no number and has canaries at both ends.
template <class A>
Drawn augmented(const A& augment, const std::vector<float>& in, Shape shape, Rng rng) {
  constexpr std::ptrdiff_t fence = 32;
  constexpr float canary = 12345.f;
  const Shape out = augment.out_shape(shape);
  std::vector<float> memory(to_size(out.count() + 2 * fence), canary);
  std::fill(memory.begin() + fence, memory.end() - fence, std::numeric_limits<float>::quiet_NaN());
  augment(rng, View<const float>{in.data(), shape}, View<float>{memory.data() + fence, out});
  const auto whole = [](float v) { return v == canary; };
  CHECK(std::all_of(memory.begin(), memory.begin() + fence, whole));
  CHECK(std::all_of(memory.end() - fence, memory.end(), whole));
  return {{memory.begin() + fence, memory.end() - fence}, rng.next_u32()};
}

/// The laws of concepts/augmentation.hpp for one augmentation and picture size. `draws`: it is random at all.
/// `bounded`: it gives values in [0, 1], as all do but the last step of a pipeline.
template <class A>
void obeys_augmentation_law(const A& augment, Shape shape, bool draws = true, bool bounded = true) {
  static_assert(sseg::Augmentation<A>);
  INFO("on " << sseg::to_string(shape));
  const Shape out = augment.out_shape(shape);
  REQUIRE(out.rank == 3);
  CHECK(out[2] == shape[2]);

  const std::vector<float> before = drawing(shape);
  std::vector<float> in = before;
  bool differs = false;
  Drawn first;
  for (std::uint64_t stream = 0; stream < 12; ++stream) {
    const Drawn drawn = augmented(augment, in, shape, Rng(stream));
    CHECK(in == before);
    // All of it written, with values of a picture; not even an interpolation leaves their range by more than rounding.
    CHECK(std::all_of(drawn.picture.begin(), drawn.picture.end(),
                      [&](float v) { return std::isfinite(v) && (!bounded || (v >= -1e-5f && v <= 1 + 1e-5f)); }));

    // Whatever ran in between, another size too: the same stream, the same picture and the same draws.
    const Shape other{shape[1] + 3, shape[0] + 5, shape[2]};
    augmented(augment, drawing(other), other, Rng(stream + 100));
    CHECK(augmented(A(augment), in, shape, Rng(stream)) == drawn);

    if (stream == 0) first = drawn;
    differs = differs || drawn.picture != first.picture;
  }
  CHECK(differs == draws);
}

}  // namespace law
