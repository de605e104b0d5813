#include "sseg/experiment/data_sets.hpp"

#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace data_sets_test {

using sseg::Images;
using sseg::Index;
using sseg::Rng;
using sseg::RunConfig;
using sseg::to_size;

namespace {

/// Image i is one pixel of value i, its label i mod 7.
Images numbered(Index n) {
  Images set{"numbered", {1, 1, 1}, sseg::Buffer<float>(n), {}, {}, {}, {}};
  for (Index i = 0; i < n; ++i) {
    set.pixels[i] = static_cast<float>(i);
    set.label.push_back(i % 7);
  }
  return set;
}

}  // namespace

TEST_CASE("the images held out and those left are all images, none twice, in their order") {
  const auto parts = sseg::hold_out(numbered(100), 30, 16, Rng(1));
  CHECK(parts.probe.size() == 30);
  CHECK(parts.train.size() == 70);
  std::set<float> seen;
  const Images train = to_images(parts.train);
  for (const Images* part : {&parts.probe, &train})
    for (Index i = 0; i < part->size(); ++i) {
      CHECK(seen.insert(part->pixels[i]).second);
      CHECK((i == 0 || part->pixels[i - 1] < part->pixels[i]));
      CHECK(part->label[to_size(i)] == static_cast<Index>(part->pixels[i]) % 7);
    }
  CHECK(seen.size() == 100);
}

TEST_CASE("what is held out is drawn, and drawn by the stream alone") {
  const auto held = [](std::uint64_t seed) { return sseg::hold_out(numbered(100), 30, 16, Rng(seed)).probe.pixels; };
  CHECK(held(1) == held(1));
  CHECK_FALSE(held(1) == held(2));
  const auto first = held(1);
  CHECK(first[29] > 60);  // not the first thirty
  Rng used(1);
  used.next_u32();
  CHECK(sseg::hold_out(numbered(100), 30, 16, used.split("x")).probe.pixels ==
        sseg::hold_out(numbered(100), 30, 16, Rng(1).split("x")).probe.pixels);
}

TEST_CASE("too few images for a probe and a batch are refused") {
  CHECK_NOTHROW(sseg::hold_out(numbered(46), 30, 16, Rng(1)));
  const auto text = sseg_test::message_of([] { sseg::hold_out(numbered(45), 30, 16, Rng(1)); });
  CHECK_THAT(text, sseg_test::Contains("45 images are too few for a probe of 30 and a batch of 16"));
  CHECK_THAT(text, sseg_test::Contains("numbered"));
  CHECK_THAT(text, sseg_test::Contains("data.probe_images"));
}

TEST_CASE("shapes to train on and shapes held back have no kind in common") {
  RunConfig c;
  c.data.count = 30;
  c.data.image_size = 16;
  c.data.train_kinds = 14;
  const Images train = sseg::training_shapes(c), held = sseg::held_back_shapes(c);
  CHECK(train.size() == 30);
  CHECK(train.shape == sseg::Shape{16, 16, 1});
  CHECK(held.size() == 40 * 6);
  std::set<std::string> names(train.classes.begin(), train.classes.end());
  names.insert(held.classes.begin(), held.classes.end());
  CHECK(names.size() == 20);
  std::vector<int> per_kind(6);
  for (const Index l : held.label) ++per_kind[to_size(l)];
  CHECK(per_kind == std::vector<int>(6, 40));
  CHECK(sseg::training_shapes(c).pixels == train.pixels);
  c.seed = 2;
  CHECK_FALSE(sseg::training_shapes(c).pixels == train.pixels);
  CHECK_FALSE(sseg::held_back_shapes(c).pixels == held.pixels);
}

}  // namespace data_sets_test
