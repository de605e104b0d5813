#include "sseg/data/idx.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "support/make_tar.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace idx_test {

using sseg::decode_idx;
using sseg::Index;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

std::string idx(const std::vector<Index>& extents, const std::string& body, int type = 8) {
  std::string bytes{'\0', '\0', static_cast<char>(type), static_cast<char>(extents.size())};
  for (const Index extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift);
  return bytes + body;
}

std::string refusal(const std::string& pictures, const std::string& labels) {
  return message_of([&] { decode_idx(pictures, "pictures", labels, "labels"); });
}

const std::string two_pictures = idx({2, 2, 3}, "abcdefABCDEF"), two_labels = idx({2}, "\x03\x01");

}  // namespace

TEST_CASE("IDX files give pictures and labels") {
  const auto images = decode_idx(two_pictures, "p", two_labels, "l");
  CHECK(images.shape == sseg::Shape{2, 3, 1});
  CHECK(images.size() == 2);
  CHECK(std::string(images.pixels.begin(), images.pixels.end()) == "abcdefABCDEF");
  CHECK(images.label == std::vector<Index>{3, 1});
  CHECK(images.classes == std::vector<std::string>{"0", "1", "2", "3"});
}

TEST_CASE("IDX files that lie are refused before memory is taken") {
  CHECK_THAT(refusal(idx({2, 2, 3}, "abcdefABCDE"), two_labels), Contains("27 bytes, its head tells of 28"));
  CHECK_THAT(refusal(idx({2, 2, 3}, "abcdefABCDEFG"), two_labels), Contains("29 bytes, its head tells of 28"));
  CHECK_THAT(refusal(idx({0x7fffffff, 1, 1}, "ab"), two_labels), Contains("its head tells of 2147483663"));
  CHECK_THAT(refusal(idx({0xffffffff, 4096, 4096}, "ab"), two_labels), Contains("over the limit"));
  CHECK_THAT(refusal(idx({2, 4097, 1}, "ab"), two_labels), Contains("an extent of 4097"));
  CHECK_THAT(refusal(idx({0, 2, 3}, ""), two_labels), Contains("an extent of 0"));
  CHECK_THAT(refusal(idx({2, 2, 3}, "abcdefABCDEF", 9), two_labels), Contains("type 9") && Contains("pictures"));
  CHECK_THAT(refusal(two_labels + "1234567890", two_pictures), Contains("1 axes, not 3"));
  CHECK_THAT(refusal(two_pictures, two_pictures), Contains("3 axes, not 1") && Contains("where: labels"));
  CHECK_THAT(refusal(two_pictures, idx({3}, "123")), Contains("2 pictures, but 3 labels"));
  CHECK_THAT(refusal("\x1f\x8b" + two_pictures, two_labels), Contains("two zeros"));
  for (std::size_t n = 0; n < two_pictures.size(); ++n)
    CHECK_FALSE(refusal(two_pictures.substr(0, n), two_labels).empty());
  for (std::size_t n = 0; n < two_labels.size(); ++n)
    CHECK_FALSE(refusal(two_pictures, two_labels.substr(0, n)).empty());
}

TEST_CASE("a folder of IDX files is read plain and packed") {
  const sseg_test::TempFolder folder;
  folder.add("set/train-images-idx3-ubyte", two_pictures);
  folder.add("set/train-labels-idx1-ubyte.gz", sseg_test::pack(two_labels, sseg_test::Packing::gzip));
  folder.add("set/t10k-images.idx3-ubyte", idx({1, 1, 1}, "x"));
  CHECK(sseg::load_idx_folder(folder / "set/", sseg::Split::train).label == std::vector<Index>{3, 1});
  CHECK(sseg::load_idx_folder(folder / "set/", sseg::Split::train).name == "set train");
  CHECK_THAT(message_of([&] { sseg::load_idx_folder(folder / "set", sseg::Split::test); }),
             Contains("no file 't10k-labels-idx1-ubyte'"));
  CHECK_THAT(message_of([&] { sseg::load_idx_folder(folder / "set", sseg::Split::validation); }),
             Contains("test only"));
}

TEST_CASE("packed IDX files that are truncated or bombs are refused") {
  using sseg_test::Packing;
  const sseg_test::TempFolder folder;
  folder.add("labels", two_labels);
  const std::string packed = sseg_test::pack(two_pictures, Packing::gzip);
  folder.add("cut.gz", packed.substr(0, packed.size() - 9));
  CHECK_THAT(message_of([&] { sseg::load_idx(folder / "cut.gz", folder / "labels"); }), Contains("cut.gz"));
  folder.add("bomb.gz", sseg_test::pack(two_pictures + std::string(50'000'000, '\0'), Packing::gzip));
  CHECK_THAT(message_of([&] { sseg::load_idx(folder / "bomb.gz", folder / "labels"); }),
             Contains("limit of 28 bytes") && Contains("bomb.gz"));
}

TEST_CASE("Fashion-MNIST is read as Debian packs it") {
  const std::filesystem::path folder = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(folder)) SSEG_SKIP("no /usr/share/datasets/fashion-mnist (dataset-fashion-mnist)");
  const auto images = sseg::load_idx_folder(folder, sseg::Split::test);
  CHECK(images.shape == sseg::Shape{28, 28, 1});
  CHECK(images.classes.size() == 10);
  REQUIRE(images.size() == 10'000);
  std::vector<Index> count(10);
  for (const Index label : images.label) ++count[sseg::to_size(label)];
  CHECK(count == std::vector<Index>(10, 1000));
  CHECK(sseg::load_idx_folder(folder, sseg::Split::train).size() == 60'000);
}

}  // namespace idx_test
