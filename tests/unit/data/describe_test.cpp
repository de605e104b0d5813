#include "sseg/data/describe.hpp"

#include <string>

#include "sseg/data/byte_images.hpp"
#include "sseg/data/images.hpp"
#include "support/catch.hpp"

namespace describe_test {

using sseg::describe;
using sseg::Index;

TEST_CASE("a data set is described in a few lines") {
  sseg::Images images{"Omniglot train", {2, 2, 1}, {}, {0, 0, 1}, {0, 0, 0}, {"Greek/a", "Greek/b"}, {"Greek"}};
  images.pixels.resize(12);
  CHECK(describe(images) ==
        "Omniglot train\n"
        "  images    3 of (2, 2, 1), floats, 0 MiB\n"
        "  classes   2, each of 1 to 2 images: Greek/a (2), Greek/b (1)\n"
        "  groups    1, each of 3 images: Greek (3)\n");
  images.label.clear(), images.classes.clear(), images.group.clear(), images.groups.clear();
  CHECK(describe(images) ==
        "Omniglot train\n"
        "  images    3 of (2, 2, 1), floats, 0 MiB\n"
        "  classes   none: unlabelled\n");
}

TEST_CASE("of many classes the first five and the last are described") {
  sseg::ByteImages images{"CIFAR-FS train", {1024, 1024, 1}, {}, {}, {}, {}, {}};
  for (Index k = 0; k < 9; ++k)
    images.classes.push_back(std::string(1, static_cast<char>('a' + k))), images.label.push_back(k);
  images.pixels.resize(9 << 20);
  CHECK(describe(images) ==
        "CIFAR-FS train\n"
        "  images    9 of (1024, 1024, 1), bytes, 9 MiB\n"
        "  classes   9, each of 1 images: a (1), b (1), c (1), d (1), e (1), ..., i (1)\n");
  images.name.clear();
  CHECK(describe(images).starts_with("unnamed\n"));
}

}  // namespace describe_test
