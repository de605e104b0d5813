#include "sseg/data/omniglot.hpp"

#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/data/omniglot_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace omniglot_test {

using sseg::Images;
using sseg::Index;
using sseg::load_omniglot;
using sseg_test::Contains;
using sseg_test::Files;
using sseg_test::make_zip;
using sseg_test::message_of;
using sseg_test::small_omniglot;
using sseg_test::TempFolder;

namespace {

constexpr sseg::OmniglotOptions original{105, false};

std::string refusal(const Files& files) {
  const TempFolder folder;
  make_zip(folder / "set.zip", files);
  return message_of([&] { load_omniglot(folder / "set.zip"); });
}

double sum(const Images& images) { return std::accumulate(images.pixels.begin(), images.pixels.end(), 0.0); }

}  // namespace

TEST_CASE("zip, folder and its parent give the same Omniglot images") {
  const TempFolder folder;
  make_zip(folder / "inner.zip", small_omniglot("myset/"));
  make_zip(folder / "myset.zip", small_omniglot(""));
  for (const auto& [name, bytes] : small_omniglot("unpacked/myset/")) folder.add(name, bytes);
  folder.add("unpacked/README.txt", "not a picture");
  for (const std::string root : {"inner.zip", "myset.zip", "unpacked", "unpacked/myset", "unpacked/myset/"}) {
    INFO(root);
    const Images images = load_omniglot(folder / root, original);
    CHECK(images.name == "myset");
    REQUIRE(images.size() == 60);
    CHECK(images.shape == sseg::Shape{105, 105, 1});
    CHECK(images.classes == std::vector<std::string>{"Alpha/character01", "Alpha/character02", "Beta/character01"});
    CHECK(images.groups == std::vector<std::string>{"Alpha", "Beta"});
    const Index rows[] = {10, 20, 30};
    for (Index i = 0; i < 60; ++i) {
      CHECK(images.label[sseg::to_size(i)] == i / 20);
      CHECK(images.group[sseg::to_size(i)] == i / 40);
      const Index top = rows[i / 20], left = 4 * (i % 20 + 1);
      const float* pixel = images.image(i).data;
      CHECK(pixel[top * 105 + left] == 1);
      CHECK(pixel[(top + 2) * 105 + left + 2] == 1);
      CHECK(std::accumulate(pixel, pixel + 105 * 105, 0.0f) == 9);
    }
  }
}

TEST_CASE("Omniglot drawings are centred and resized") {
  const TempFolder folder;
  make_zip(folder / "set.zip", small_omniglot(""));
  const Images images = load_omniglot(folder / "set.zip", {35});
  CHECK(images.shape == sseg::Shape{35, 35, 1});
  for (Index i = 0; i < images.size(); ++i) {  // the square, 3 x 3, is moved to the middle: one pixel of 35 x 35
    const float* pixel = images.image(i).data;
    CHECK(pixel[17 * 35 + 17] == Approx(1));
    CHECK(std::accumulate(pixel, pixel + 35 * 35, 0.0f) == Approx(1));
  }
  for (const Index size : {0, -1, 1025})
    CHECK_THAT(message_of([&] { load_omniglot(folder / "set.zip", {size}); }), Contains("between 1 and 1024"));
}

TEST_CASE("an Omniglot set that is not whole is refused") {
  CHECK(refusal(small_omniglot("")).empty());
  CHECK_THAT(refusal({{"a.txt", ""}}), Contains("no Omniglot drawings"));
  CHECK_THAT(refusal({}), Contains("no such file"));

  Files files = small_omniglot("");
  files.erase("Alpha/character02/0020_07.png");
  CHECK_THAT(refusal(files), Contains("this one 19") && Contains("set.zip:Alpha/character02"));
  files["Alpha/character02/0020_21.png"] = sseg_test::square_png(105, 1, 1);
  CHECK_THAT(refusal(files), Contains("not numbered 01 to 20"));
  files.erase("Alpha/character02/0020_21.png");
  files["Alpha/character02/0019_07.png"] = sseg_test::square_png(105, 1, 1);
  CHECK_THAT(refusal(files), Contains("not numbered") || Contains("two characters"));

  files = small_omniglot("");
  files["Beta/character01/0030_05.png"] = sseg_test::square_png(104, 1, 1);
  CHECK_THAT(refusal(files), Contains("104 x 104") && Contains("Beta/character01/0030_05.png"));
  files["Beta/character01/0030_05.png"] = "GIF89a";
  CHECK_THAT(refusal(files), Contains("not a readable PNG") && Contains("Beta/character01/0030_05.png"));
  files["Beta/character01/0030_05.png"] = std::string(2 << 20, 'x');
  CHECK_THAT(refusal(files), Contains("larger than the limit"));

  files = small_omniglot("");
  files["Beta/extra.png"] = "";
  CHECK_THAT(refusal(files), Contains("a picture that is no drawing") && Contains("Beta/extra.png"));
  files = small_omniglot("one/");
  files.merge(small_omniglot("two/"));
  CHECK_THAT(refusal(files), Contains("two sets") && Contains("'one/'") && Contains("'two/'"));
  CHECK_THAT(refusal(small_omniglot("images_background_small1/")),
             Contains("2720 drawings") && Contains("2 alphabets, 3 characters and 60 drawings"));
  CHECK_THAT(message_of([] { load_omniglot("/no/such/place.zip"); }), Contains("no such file"));
}

TEST_CASE("the official Omniglot sets have their counts") {
  const auto data = sseg_test::real_data("omniglot");
  if (!data) SSEG_SKIP("no Omniglot data (set SSEG_DATA_DIR)");
  const Images small1 = load_omniglot(*data / "images_background_small1.zip");
  CHECK(small1.name == "images_background_small1");
  CHECK(small1.size() == 2720);
  CHECK(small1.classes.size() == 136);
  CHECK(small1.groups == std::vector<std::string>{"Balinese", "Early_Aramaic", "Greek", "Korean", "Latin"});
  CHECK(small1.shape == sseg::Shape{28, 28, 1});
  const Images small2 = load_omniglot(*data / "images_background_small2.zip");
  CHECK(small2.size() == 3120);
  CHECK(small2.classes.size() == 156);
  const Images full = load_omniglot(*data / "images_background.zip", {14});
  CHECK(full.size() == 19280);
  CHECK(full.classes.size() == 964);
  CHECK(full.groups.size() == 30);
}

TEST_CASE("centring an Omniglot drawing loses no ink") {
  const auto data = sseg_test::real_data("omniglot");
  if (!data) SSEG_SKIP("no Omniglot data (set SSEG_DATA_DIR)");
  const auto path = *data / "images_background_small1.zip";
  const double ink = sum(load_omniglot(path, original));
  const double scale = 28.0 * 28.0 / (105.0 * 105.0);
  CHECK(sum(load_omniglot(path, {105, true})) == ink);
  CHECK(sum(load_omniglot(path, {28, true})) == Approx(ink * scale).epsilon(1e-5));
  CHECK(sum(load_omniglot(path, {28, false})) == Approx(ink * scale).epsilon(1e-5));
}

TEST_CASE("a long thin drawing is refused before a square of its side is made") {
  const sseg::Picture thin{.height = 1, .width = 60000, .channels = 1, .bytes = std::vector<std::uint8_t>(60000, 255)};
  std::vector<float> out(28 * 28);
  CHECK_THAT(message_of([&] {
               sseg::prepare_drawing(thin, {}, {out.data(), {28, 28, 1}});
             }),
             Contains("too long a side"));
}

}  // namespace omniglot_test
