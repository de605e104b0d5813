#include "sseg/data/images.hpp"

#include <vector>

#include "support/catch.hpp"

namespace images_test {

using sseg::Images;
using sseg::Index;
using sseg::Shape;

namespace {

/// Image i holds 100·i, 100·i + 1, …
Images five(bool labelled) {
  Images set{"five", {2, 3, 1}, sseg::Buffer<float>(5 * 6), {}, {}, {"a", "b", "c"}, {"first", "second"}};
  for (Index i = 0; i < 30; ++i) set.pixels[i] = static_cast<float>(100 * (i / 6) + i % 6);
  if (labelled) {
    set.label = {0, 0, 1, 2, 2};
    set.group = {0, 0, 0, 1, 1};
  }
  return set;
}

}  // namespace

TEST_CASE("images know their number and what they hold") {
  const Images set = five(true);
  CHECK(set.size() == 5);
  CHECK(set.spec().shape == Shape{2, 3, 1});
  CHECK(set.spec().classes == 3);
  CHECK(set.spec().name == "five");
  CHECK(Images{}.size() == 0);
  CHECK(set.image(3).shape == Shape{2, 3, 1});
  CHECK(set.image(3).data[4] == 304);
}

TEST_CASE("reading an image fills it and gives its label") {
  Images set = five(true);
  std::vector<float> out(6);
  CHECK(set.read(2, {out.data(), set.shape}) == 1);
  CHECK(out == std::vector<float>{200, 201, 202, 203, 204, 205});
  CHECK(five(false).read(4, {out.data(), set.shape}) == -1);
  CHECK(out[5] == 405);
  set.image(1).data[0] = -3;
  set.read(1, {out.data(), set.shape});
  CHECK(out[0] == -3);
}

TEST_CASE("a subset has the images, labels and groups in the order asked for, and all names") {
  const Images set = five(true), part = set.subset({4, 0, 2, 4});
  CHECK(part.size() == 4);
  CHECK(part.shape == set.shape);
  CHECK(part.name == set.name);
  CHECK(part.label == std::vector<Index>{2, 0, 1, 2});
  CHECK(part.group == std::vector<Index>{1, 0, 0, 1});
  CHECK(part.classes == set.classes);
  CHECK(part.groups == set.groups);
  for (const auto& [to, from] : {std::pair{0, 4}, std::pair{1, 0}, std::pair{2, 2}, std::pair{3, 4}})
    CHECK((part.image(to).data[0] == static_cast<float>(100 * from) &&
           part.image(to).data[5] == static_cast<float>(100 * from + 5)));
}

TEST_CASE("a subset of unlabelled images is unlabelled, and one of nothing is empty") {
  const Images part = five(false).subset({3, 1});
  CHECK(part.size() == 2);
  CHECK(part.label.empty());
  CHECK(part.group.empty());
  const Images none = five(true).subset({});
  CHECK(none.size() == 0);
  CHECK(none.label.empty());
  CHECK(none.shape == Shape{2, 3, 1});
}

}  // namespace images_test
