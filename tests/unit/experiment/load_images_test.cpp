#include "sseg/experiment/load_images.hpp"

#include <string>
#include <vector>

#include "sseg/experiment/evaluation_picture.hpp"
#include "sseg/experiment/presets.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace load_images_test {

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

/// An IDX file of bytes.
std::string idx(const std::vector<Index>& extents, const std::string& body) {
  std::string file{0, 0, 8, static_cast<char>(extents.size())};
  for (const Index e : extents) file += {0, 0, 0, static_cast<char>(e)};
  return file + body;
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

TEST_CASE("Pictures of IDX files of any size are read as a classifier reads the same pictures") {
  const sseg_test::TempFolder folder;
  std::string body;
  for (int i = 0; i < 2 * 12 * 10; ++i) body += static_cast<char>(i * 89 % 251);
  for (const std::string part : {"train", "t10k"}) {
    folder.add("set/" + part + "-images-idx3-ubyte", idx({2, 12, 10}, body));
    folder.add("set/" + part + "-labels-idx1-ubyte", idx({2}, std::string("\x04\x01", 2)));
  }
  RunConfig c = idx_config();
  c.data.path = (folder / "set").string();
  c.data.image_size = 20;
  Buffer<float> one(400), two(400);
  const auto agree = [&](const auto& read) {
    for (Index i = 0; i < 2; ++i) {
      read(i);
      const auto at = body.begin() + i * 120;
      evaluation_picture(c, Picture{12, 10, 1, {at, at + 120}}, {two.data(), evaluation_shape(c, 1)});
      CHECK(one == two);
    }
  };
  const AnyDataset training = training_data(c);
  CHECK(training.spec().shape == Shape{20, 20, 1});
  agree([&](Index i) { CHECK(training.read(i, {one.data(), {20, 20, 1}}) == (i == 0 ? 4 : 1)); });
  const Images held = held_back_images(c, training, c.data.path, Split::test).images;
  CHECK((held.shape == Shape{20, 20, 1} && held.label == std::vector<Index>{4, 1} && held.name == "set test"));
  agree([&](Index i) { std::copy_n(held.image(i).data, 400, one.data()); });
  c.data.oversample = 2;
  CHECK(training_data(c).spec().shape == Shape{40, 40, 1});
  CHECK(evaluation_shape(c, 1) == Shape{40, 40, 1});
}

}  // namespace load_images_test
