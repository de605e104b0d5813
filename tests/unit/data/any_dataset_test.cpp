#include "sseg/data/any_dataset.hpp"

#include <utility>
#include <vector>

#include "sseg/data/byte_images.hpp"
#include "sseg/data/to_images.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace any_dataset_test {

using namespace sseg;

namespace {

/// Image i is one pixel of value i / 10, its label i mod 3.
Images ten() {
  Images set{"ten", {1, 1, 1}, Buffer<float>(10), {}, {}, {"a", "b", "c"}, {"x", "y"}};
  for (Index i = 0; i < 10; ++i) {
    set.pixels[i] = static_cast<float>(i) / 10;
    set.label.push_back(i % 3);
  }
  return set;
}

/// Made when it is read, without groups.
struct Countdown {
  Index size() const { return 4; }
  ImageSpec spec() const { return {{1, 1, 1}, 0, "countdown"}; }
  Index read(Index i, View<float> out) const { return out.data[0] = static_cast<float>(4 - i), -1; }
};

}  // namespace

TEST_CASE("any data set reads as the one it holds, and copies share it") {
  const AnyDataset any(ten());
  const AnyDataset copy = any;
  CHECK(copy.size() == 10);
  CHECK(copy.spec().name == "ten");
  CHECK(copy.spec().name.data() == any.spec().name.data());
  CHECK(copy.spec().classes == 3);
  CHECK(copy.groups() == std::vector<std::string>{"x", "y"});
  float v = -1;
  CHECK(copy.read(7, {&v, {1, 1, 1}}) == 1);
  CHECK(v == 0.7f);

  const AnyDataset made(Countdown{});
  CHECK(made.size() == 4);
  CHECK(made.groups().empty());
  CHECK(made.read(1, {&v, {1, 1, 1}}) == -1);
  CHECK(v == 3);
}

TEST_CASE("no data set has no pictures") {
  const AnyDataset none;
  CHECK(none.size() == 0);
  CHECK(none.groups().empty());
  CHECK(none.spec().shape.rank == 0);
  float v = 0;
  CHECK_THAT(sseg_test::message_of([&] { none.read(0, {&v, {1, 1, 1}}); }), sseg_test::Contains("no pictures"));
}

TEST_CASE("a selection shows some pictures in its own order, and goes into memory with its labels") {
  const Selection some{AnyDataset(ten()), {8, 0, 5}};
  CHECK(some.size() == 3);
  CHECK(some.spec().name == "ten");
  const Images images = to_images(some);
  CHECK(images.name == "ten");
  CHECK(images.shape == Shape{1, 1, 1});
  CHECK(images.label == std::vector<Index>{2, 0, 2});
  CHECK(images.pixels[0] == 0.8f);
  CHECK(images.pixels[2] == 0.5f);
  CHECK(to_images(Countdown{}).label.empty());
}

}  // namespace any_dataset_test
