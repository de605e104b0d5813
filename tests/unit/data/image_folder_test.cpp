#include "sseg/data/image_folder.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sseg/io/pnm.hpp"
#include "support/catch.hpp"
#include "support/encode_jpeg.hpp"
#include "support/make_tar.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace image_folder_test {

using sseg::ImageFolderOptions;
using sseg::Index;
using sseg::load_image_folder;
using sseg::Picture;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

Picture plain(Index height, Index width, Index channels, int value) {
  Picture p{height, width, channels, {}};
  p.bytes.assign(sseg::to_size(height * width * channels), static_cast<std::uint8_t>(value));
  return p;
}
std::string png(Index side, int value, Index channels = 1) {
  return sseg::encode_png(plain(side, side, channels, value));
}

/// Three classes in PNG, JPEG and PNM; picture i is plain in 10 i.
std::map<std::string, std::string> animals() {
  return {{"cat/a.png", png(4, 10)},
          {"cat/day/b.PGM", sseg::encode_pnm(plain(4, 4, 1, 20))},
          {"cat/notes.txt", "not a picture"},
          {"dog/a.jpeg", sseg_test::encode_jpeg(plain(4, 4, 1, 30))},
          {"zebra/a.png", png(4, 40)}};
}
void add_all(const TempFolder& folder, const std::string& below, const std::map<std::string, std::string>& files) {
  for (const auto& [name, bytes] : files) folder.add(below + name, bytes);
}
std::string refusal(const std::filesystem::path& path, const ImageFolderOptions& options = {}) {
  return message_of([&] { load_image_folder(path, options); });
}

}  // namespace

TEST_CASE("a folder and a zip and a tar of pictures give the same classes and pixels") {
  const TempFolder folder;
  add_all(folder, "animals/", animals());
  sseg_test::make_zip(folder / "animals.zip", animals());
  std::vector<sseg_test::TarEntry> entries;
  for (const auto& [name, bytes] : animals()) entries.push_back({"./pack/animals/" + name, bytes});
  folder.add("animals.tar.gz", sseg_test::make_tar(entries, sseg_test::Packing::gzip));
  for (const std::string root : {"animals", "animals.zip", "animals.tar.gz"}) {
    const auto read = load_image_folder(folder / root);
    const auto& images = read.images;
    CHECK(images.name == "animals");
    CHECK(images.shape == sseg::Shape{4, 4, 1});
    REQUIRE(images.size() == 4);
    CHECK(images.classes == std::vector<std::string>{"cat", "dog", "zebra"});
    CHECK(images.label == std::vector<Index>{0, 0, 1, 2});
    for (Index i = 0; i < 4; ++i) CHECK(images.image(i).flat().back() == 10 * (i + 1));
    CHECK(read.skipped.empty());
    CHECK(read.files.back().ends_with("zebra/a.png"));
  }
}

TEST_CASE("the class is the first folder or the picture's own or there is none") {
  const TempFolder folder;
  add_all(folder, "set/", animals());
  const auto own = load_image_folder(folder / "set", {.class_folder = sseg::ClassFolder::own}).images;
  CHECK(own.classes == std::vector<std::string>{"cat", "cat/day", "dog", "zebra"});
  CHECK(own.label == std::vector<Index>{0, 1, 2, 3});
  const auto flat = load_image_folder(folder / "set", {.labelled = false}).images;
  CHECK((flat.size() == 4 && flat.label.empty() && flat.classes.empty()));
  const auto one = load_image_folder(folder / "set", {.labelled = false, .within = "cat/day"});
  CHECK(one.files == std::vector<std::string>{"cat/day/b.PGM"});
}

TEST_CASE("folders around the classes are found or named") {
  const TempFolder folder;
  add_all(folder, "set/train/", animals());
  add_all(folder, "set/test/", {{"cat/x.png", png(4, 1)}});
  CHECK(load_image_folder(folder / "set").images.classes == std::vector<std::string>{"test", "train"});
  const auto train = load_image_folder(folder / "set", {.within = "train"}).images;
  CHECK(train.classes == std::vector<std::string>{"cat", "dog", "zebra"});
  CHECK(load_image_folder(folder / "set", {.within = "test/"}).images.classes == std::vector<std::string>{"cat"});
  add_all(folder, "one/", {{"images/cat/1.png", png(4, 1)}, {"images/cat/2.png", png(4, 2)}});
  CHECK(load_image_folder(folder / "one").images.classes == std::vector<std::string>{"cat"});
  CHECK(load_image_folder(folder / "one/images/").images.classes == std::vector<std::string>{"cat"});
}

TEST_CASE("pictures are resized by crop or stretch when a size is asked for") {
  const TempFolder folder;
  // 8 wide and 4 high, the two middle columns darker: a crop to a square sees the middle, a stretch all.
  Picture wide{4, 8, 1, {}};
  for (Index i = 0; i < 32; ++i) wide.bytes.push_back(i % 8 == 3 || i % 8 == 4 ? 100 : 200);
  folder.add("set/a/1.png", sseg::encode_png(wide));
  ImageFolderOptions options{.height = 2, .width = 2, .filter = sseg::ResizeFilter::area};
  const auto crop = load_image_folder(folder / "set", options).images;
  CHECK(crop.shape == sseg::Shape{2, 2, 1});
  CHECK(crop.image(0).data[0] == 150);
  options.fit = sseg::PictureFit::stretch;
  CHECK(load_image_folder(folder / "set", options).images.image(0).data[0] == 175);
  options = {.height = 4, .width = 8, .channels = 3};
  CHECK(load_image_folder(folder / "set", options).images.image(0).data[9] == 100);  // as it is, but in colour
  // A cut of an odd number of columns begins at a whole pixel: nothing is blurred.
  options = {.height = 4, .width = 7};
  const auto cut = load_image_folder(folder / "set", options).images;
  for (Index i = 0; i < 28; ++i) CHECK(cut.image(0).data[i] == (i % 7 == 3 || i % 7 == 4 ? 100 : 200));
}

TEST_CASE("corrupt pictures are refused or skipped and reported") {
  const TempFolder folder;
  add_all(folder, "set/", animals());
  folder.add("set/cat/0.png", "no PNG");
  folder.add("set/dog/z.jpg", sseg_test::encode_jpeg(plain(4, 4, 1, 9)).substr(0, 100));
  CHECK_THAT(refusal(folder / "set"), Contains("not a picture") && Contains("set/cat/0.png"));
  const auto read = load_image_folder(folder / "set", {.skip_corrupt = true});
  CHECK(read.images.size() == 4);
  CHECK(read.images.label == std::vector<Index>{0, 0, 1, 2});
  CHECK(read.images.image(0).data[0] == 10);
  REQUIRE(read.skipped.size() == 2);
  CHECK(read.skipped[0].path == "cat/0.png");
  CHECK_THAT(read.skipped[1].reason, Contains("not a readable JPEG"));
  folder.add("set/zebra/a.png", "");
  CHECK_THAT(refusal(folder / "set", {.skip_corrupt = true}), Contains("no picture of the class 'zebra'"));
}

TEST_CASE("an image folder that is not in order is an error that says how") {
  const TempFolder folder;
  const auto with = [&](const std::string& set, const std::map<std::string, std::string>& more) {
    add_all(folder, set + "/", animals());
    add_all(folder, set + "/", more);
    return folder / set;
  };
  CHECK_THAT(refusal(folder / "none"), Contains("no such file or folder"));
  folder.add("empty/readme.txt", "");
  CHECK_THAT(refusal(folder / "empty"), Contains("no pictures"));
  CHECK_THAT(refusal(with("within", {}), {.within = "train"}), Contains("no pictures below 'train/'"));
  CHECK_THAT(refusal(with("loose", {{"x.png", png(4, 1)}})), Contains("no class folder") && Contains("x.png"));
  CHECK_THAT(refusal(with("texts", {{"apes/readme.txt", ""}})), Contains("'apes' holds no picture"));
  std::filesystem::create_directories(with("bare", {}) / "apes");
  CHECK_THAT(refusal(folder / "bare"), Contains("'apes' holds no picture"));
  CHECK_THAT(refusal(with("sizes", {{"dog/b.png", png(5, 1)}})),
             Contains("(5, 5, 1) among others (4, 4, 1)") && Contains("dog/b.png") && Contains("`height`"));
  CHECK_THAT(refusal(with("colour", {{"dog/b.png", png(4, 1, 3)}}), {.skip_corrupt = true}),
             Contains("(4, 4, 3)") && Contains("`channels`"));
  CHECK(refusal(folder / "colour", {.channels = 3}).empty());
  CHECK_THAT(refusal(folder / "within", {.height = 4}), Contains("of this size"));
  CHECK_THAT(refusal(folder / "within", {.height = 4, .width = 9999}), Contains("of this size"));
  CHECK_THAT(refusal(folder / "within", {.channels = 2}), Contains("1 or 3 channels"));
  CHECK_THAT(refusal(folder / "within", {.max_bytes = 63}), Contains("4 pictures (4, 4, 1)") && Contains("63 bytes"));
  CHECK(refusal(folder / "within", {.max_bytes = 64}).empty());
  CHECK_THAT(refusal(folder / "within", {.max_pixels = 15}), Contains("limit of 15"));
}

TEST_CASE("pictures are the same for any number of threads, and so is the error") {
  const TempFolder folder;
  for (int i = 0; i < 150; ++i)
    folder.add("set/c" + std::to_string(i % 7) + "/" + std::to_string(i) + ".png", png(3 + i % 5, i));
  const auto load = [&](int threads) {
    return load_image_folder(folder / "set", {.height = 4, .width = 4, .threads = threads});
  };
  const auto one = load(1), three = load(3);
  CHECK(one.images.size() == 150);
  CHECK(one.images.pixels == three.images.pixels);
  CHECK(one.files == three.files);
  for (const int i : {17, 80, 81}) folder.add("set/c3/bad" + std::to_string(i) + ".png", "bad");
  for (const int threads : {1, 3, 4})
    CHECK_THAT(refusal(folder / "set", {.height = 4, .width = 4, .channels = 1, .threads = threads}),
               Contains("bad17.png"));
}

TEST_CASE("a zip of pictures is decoded on several threads") {
  const TempFolder folder;
  std::map<std::string, std::string> files;
  for (int i = 0; i < 100; ++i) files["c/" + std::to_string(1000 + i) + ".png"] = png(6, i);
  sseg_test::make_zip(folder / "set.zip", files);
  const auto read = load_image_folder(folder / "set.zip", {.threads = 4});
  REQUIRE(read.images.size() == 100);
  bool right = true;
  for (Index i = 0; i < 100; ++i) right = right && read.images.image(i).data[35] == i;
  CHECK(right);
}

}  // namespace image_folder_test
