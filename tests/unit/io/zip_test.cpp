#include "sseg/io/zip.hpp"

#include <string>

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace zip_test {

using sseg::Index;
using sseg::ZipArchive;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

void read_all(const std::filesystem::path& path) {
  const ZipArchive archive(path);
  for (Index i = 0; i < archive.size(); ++i) archive.read(i, 1 << 20);
}

}  // namespace

TEST_CASE("the entries of a zip are listed and read") {
  const sseg_test::TempFolder folder;
  const std::string large(100'000, 'z');
  sseg_test::make_zip(folder / "a.zip", {{"dir/", ""}, {"dir/empty", ""}, {"dir/large", large}, {"x", "hello"}});
  const ZipArchive archive(folder / "a.zip");
  REQUIRE(archive.size() == 4);
  CHECK(archive.name(0) == "dir/");
  CHECK(archive.name(3) == "x");
  CHECK(archive.read(1, 10).empty());
  CHECK(archive.read(2, 100'000) == large);
  CHECK(archive.read(3, 5) == "hello");
  CHECK_THAT(message_of([&] { archive.read(3, 4); }), Contains("limit of 4 bytes") && Contains("a.zip:x"));
  CHECK_THAT(message_of([&] { archive.read(4, 4); }), Contains("entry 4"));
  CHECK_THAT(message_of([&] { archive.read(-1, 4); }), Contains("entry -1"));
}

TEST_CASE("what is no zip is an error with its reason") {
  const sseg_test::TempFolder folder;
  folder.add("text.zip", "this is not a zip archive");
  CHECK_THAT(message_of([&] { ZipArchive{folder / "text.zip"}; }), Contains("Not a zip archive"));
  CHECK_THAT(message_of([&] { ZipArchive{folder / "none.zip"}; }), Contains("No such file"));
}

TEST_CASE("an entry whose header lies about its size is refused") {
  const sseg_test::TempFolder folder;
  sseg_test::make_zip(folder / "a.zip", {{"x", std::string(50'000, 'z')}});
  std::string bytes = sseg::read_file(folder / "a.zip");
  const auto central = bytes.find("PK\1\2");
  REQUIRE(central != std::string::npos);
  for (const std::size_t size_at : {central + 24, std::size_t{22}}) {  // central and local header claim 16 bytes
    bytes[size_at] = 16;
    bytes[size_at + 1] = 0;
  }
  folder.add("liar.zip", bytes);
  CHECK_FALSE(message_of([&] { read_all(folder / "liar.zip"); }).empty());
}

TEST_CASE("truncated and damaged zips do no harm") {
  const sseg_test::TempFolder folder;
  sseg_test::make_zip(folder / "a.zip", {{"x", "some text, some text, some text"}, {"y", "more"}});
  const std::string bytes = sseg::read_file(folder / "a.zip");
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    folder.add("b.zip", bytes.substr(0, n));
    CHECK_FALSE(message_of([&] { read_all(folder / "b.zip"); }).empty());
  }
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int mask : {1, 0x40, 0xff}) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ mask);
      folder.add("b.zip", flipped);
      CHECK(sseg_test::ends_well([&] { read_all(folder / "b.zip"); }));
    }
}

}  // namespace zip_test
