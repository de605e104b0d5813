#include "sseg/experiment/load_images.hpp"

#include "sseg/experiment/presets.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {
/// One image of one pixel for each of these alphabets.
Images drawings(const std::vector<std::string>& alphabets) {
  const auto count = static_cast<Index>(alphabets.size());
  Images set{"made up", {1, 1, 1}, Buffer<float>(count), {}, {}, {}, alphabets};
  for (Index i = 0; i < count; ++i) {
    set.pixels[i] = static_cast<float>(i);
    set.label.push_back(i);
    set.group.push_back(i);
  }
  return set;
}
}  // namespace

TEST_CASE("Of labelled drawings only the alphabets that were not trained on are left") {
  const Images left =
      unseen_alphabets(drawings({"Greek", "Sanskrit", "Latin", "Tagalog"}), {"Latin", "Korean", "Greek"});
  REQUIRE(left.size() == 2);
  CHECK(left.group == std::vector<Index>{1, 3});
  CHECK(left.label == std::vector<Index>{1, 3});
  CHECK(left.pixels[1] == 3);
  CHECK_THAT(message_of([] { unseen_alphabets(drawings({"Latin"}), {"Latin"}); }), Contains("all alphabets"));
}

TEST_CASE("What is held back is never what was trained on") {
  RunConfig c = demo_config();
  c.data.image_size = 16;
  const LabelledImages shapes = held_back_images(c, {}, "", Split::validation);
  CHECK(shapes.split == "held-back kinds");
  CHECK(shapes.images.pixels == held_back_shapes(c).pixels);
  CHECK_THAT(message_of([] { held_back_images(cifar_fs_config(), {}, "nowhere", Split::train); }),
             Contains("were trained on"));
}
