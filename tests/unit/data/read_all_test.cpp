#include "sseg/data/read_all.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "sseg/data/image_folder.hpp"
#include "sseg/data/picture_files.hpp"
#include "sseg/io/png.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace read_all_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

/// Ten pictures of class a, five of class b, each of its own brightness.
void fill(const TempFolder& folder) {
  for (int i = 0; i < 15; ++i) {
    const Picture picture{2, 3, 1, std::vector<std::uint8_t>(6, static_cast<std::uint8_t>(10 * i))};
    folder.add((i < 10 ? "set/a/" : "set/b/") + std::string(1, static_cast<char>('a' + i)) + ".png",
               encode_png(picture));
  }
}

}  // namespace

TEST_CASE("picture files read as the loaded folder does, one picture at a time") {
  const TempFolder folder;
  fill(folder);
  const ImageFolderOptions options{.height = 2, .width = 2, .channels = 1};
  const PictureFiles files(folder / "set", options);
  const ImageFolder loaded = load_image_folder(folder / "set", options);
  REQUIRE(files.size() == loaded.images.size());
  CHECK(files.spec().shape == loaded.images.shape);
  CHECK(files.spec().classes == 2);
  CHECK(files.spec().name == loaded.images.name);
  CHECK(files.classes() == loaded.images.classes);
  std::vector<float> one(4), other(4);
  for (Index i = 0; i < files.size(); ++i) {
    CHECK(files.read(i, {one.data(), {2, 2, 1}}) == loaded.images.read(i, {other.data(), {2, 2, 1}}));
    CHECK(one == other);
    CHECK(files.path_of(i) == loaded.files[to_size(i)]);
  }
  const PictureFiles unlabelled(folder / "set", {.labelled = false});
  CHECK(unlabelled.read(0, {one.data(), {2, 3, 1}}) == -1);
}

TEST_CASE("reading all counts every picture once and names each that cannot be read") {
  const TempFolder folder;
  fill(folder);
  folder.add("set/a/c.png", "no picture");
  folder.add("set/b/m.png", "none either");
  folder.add("set/b/n.png", encode_png({2, 3, 3, std::vector<std::uint8_t>(18)}));  // coloured
  const PictureFiles files(folder / "set", {.height = 2, .width = 3});
  for (const int workers : {0, 1, 4}) {
    INFO(workers);
    const ReadReport report = read_all(files, workers);
    CHECK(report.pictures() == 12);
    CHECK(std::count(report.label.begin(), report.label.end(), 0) == 9);
    CHECK(std::count(report.label.begin(), report.label.end(), 1) == 3);
    REQUIRE(report.failures.size() == 3);
    CHECK_THAT(report.failures[0] + report.failures[1] + report.failures[2],
               Contains("c.png") && Contains("m.png") && Contains("n.png") && Contains("among others"));
    CHECK(report.per_second() > 0);
  }
}

TEST_CASE("the picture that cannot be read is named by read, too") {
  const TempFolder folder;
  fill(folder);
  folder.add("set/a/c.png", "no picture");
  const PictureFiles files(folder / "set", {});
  std::vector<float> one(6);
  CHECK_THAT(message_of([&] { files.read(2, {one.data(), {2, 3, 1}}); }), Contains("c.png"));
}

}  // namespace read_all_test
