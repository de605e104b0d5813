#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "sseg/data/build_picture_cache.hpp"
#include "sseg/data/mapped_images.hpp"
#include "sseg/io/png.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace picture_cache_test {

using sseg::Index;
using sseg::MappedImages;
using sseg::PictureCacheWriter;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

constexpr sseg::Shape shape{2, 3, 1};

void write(const std::filesystem::path& path, Index pictures, const std::vector<std::string>& classes = {"a", "b"}) {
  PictureCacheWriter writer(path, shape, "set", classes);
  for (Index i = 0; i < pictures; ++i) {
    std::vector<std::uint8_t> bytes(6, static_cast<std::uint8_t>(i));
    bytes[5] = 255;
    writer.add({bytes.data(), shape}, classes.empty() ? -1 : i % 2);
  }
  writer.finish();
}
std::size_t files_in(const TempFolder& folder) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++n;
  return n;
}

}  // namespace

TEST_CASE("a picture cache gives back what was written") {
  const TempFolder folder;
  write(folder / "c", 5);
  const MappedImages images(folder / "c");
  REQUIRE(images.size() == 5);
  CHECK(images.spec().shape == shape);
  CHECK(images.spec().name == "set");
  CHECK(images.classes() == std::vector<std::string>{"a", "b"});
  CHECK(images.label() == std::vector<Index>{0, 1, 0, 1, 0});
  std::vector<float> out(6);
  CHECK(images.read(3, {out.data(), shape}) == 1);
  CHECK((out[0] == 3.f / 255.f && out[5] == 1.f));
  images.verify();
  write(folder / "c", 2, {});
  const MappedImages flat(folder / "c");
  CHECK((flat.size() == 2 && flat.classes().empty() && flat.read(0, {out.data(), shape}) == -1));
  CHECK(images.size() == 5);  // the map of the file that was replaced stands
  CHECK(images.image(4).data[0] == 4);
}

TEST_CASE("a picture cache that is cut or lengthened or changed is refused") {
  const TempFolder folder;
  write(folder / "c", 5);
  const std::string bytes = sseg::read_file(folder / "c");
  const auto opened = [&](const std::string& changed) {
    folder.add("d", changed);
    return message_of([&] { MappedImages{folder / "d"}; });
  };
  CHECK(opened(bytes).empty());
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(opened(bytes.substr(0, n)).empty());
  CHECK_THAT(opened(bytes + "x"), Contains("its head tells of"));
  CHECK_THAT(opened("PNG"), Contains("does not begin"));
  const std::size_t head = 128;
  for (std::size_t i = 0; i < head; ++i)
    for (const int mask : {1, 0x80, 0xff}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ mask);
      CHECK_FALSE(opened(changed).empty());
    }
  std::string changed = bytes;
  changed[bytes.size() - 1] = 1;  // a label
  CHECK_THAT(opened(changed), Contains("label"));
  for (std::size_t i = head; i < bytes.size(); ++i) {
    changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE((opened(changed) + message_of([&] { MappedImages(folder / "d").verify(); })).empty());
  }
  CHECK_THAT(message_of([&] { MappedImages{folder / "none"}; }), Contains("No such file"));
  CHECK_THAT(message_of([&] { MappedImages{folder.path()}; }), Contains("not a regular file"));
}

TEST_CASE("a picture cache that tells of no pictures, of whatever size, is refused") {
  const TempFolder folder;
  sseg::detail::PictureCacheHeader header;
  header.name = "set";
  for (const sseg::Shape& huge : {shape, sseg::Shape{514, 45, 8198}, sseg::Shape{65536, 65536, 65536}}) {
    header.shape = huge;
    folder.add("c", header.write("c"));
    CHECK_THAT(message_of([&] { MappedImages{folder / "c"}; }), Contains("no pictures"));
  }
}

TEST_CASE("a picture cache that is not finished leaves nothing behind") {
  const TempFolder folder;
  const std::vector<std::uint8_t> six(6);
  {
    PictureCacheWriter writer(folder / "c", shape, "set", {"a"});
    writer.add({six.data(), shape}, 0);
    CHECK_THAT(message_of([&] { writer.add({six.data(), {3, 2, 1}}, 0); }), Contains("(3, 2, 1)"));
    CHECK_THAT(message_of([&] { writer.add({six.data(), shape}, 1); }), Contains("label 1"));
    CHECK_THAT(message_of([&] { writer.add({six.data(), shape}); }), Contains("label -1"));
  }
  CHECK(files_in(folder) == 0);
  CHECK_THAT(message_of([&] { PictureCacheWriter(folder / "c", shape, "set", {}).finish(); }), Contains("without"));
  CHECK_THAT(message_of([&] { PictureCacheWriter(folder / "c", {0, 1, 1}, "set", {}); }), Contains("(0, 1, 1)"));
  CHECK_THAT(message_of([&] { PictureCacheWriter(folder / "c", shape, std::string(1, '\0'), {}); }), Contains("name"));
  CHECK(files_in(folder) == 0);
}

TEST_CASE("an image folder becomes a picture cache with the same pictures") {
  const TempFolder folder;
  for (int i = 0; i < 100; ++i) {
    sseg::Picture p{4, 5, 3, std::vector<std::uint8_t>(60, static_cast<std::uint8_t>(i))};
    folder.add("set/c" + std::to_string(i % 3) + "/" + std::to_string(i) + ".png", sseg::encode_png(p));
  }
  folder.add("set/c1/bad.png", "bad");
  CHECK_THAT(message_of([&] { sseg::build_picture_cache(folder / "set", folder / "cache"); }), Contains("bad.png"));
  CHECK(files_in(folder) == 1);
  const auto skipped = sseg::build_picture_cache(folder / "set", folder / "cache", {.skip_corrupt = true});
  REQUIRE(skipped.size() == 1);
  CHECK(skipped[0].path == "c1/bad.png");
  const MappedImages mapped(folder / "cache");
  mapped.verify();
  const auto loaded = sseg::load_image_folder(folder / "set", {.skip_corrupt = true}).images;
  REQUIRE(mapped.size() == loaded.size());
  CHECK(mapped.label() == loaded.label);
  CHECK(mapped.classes() == loaded.classes);
  CHECK(mapped.spec().name == loaded.name);
  bool same = true;
  for (Index i = 0; i < loaded.size(); ++i)
    same = same && std::equal(loaded.image(i).data, loaded.image(i).data + 60, mapped.image(i).data);
  CHECK(same);
}

}  // namespace picture_cache_test
