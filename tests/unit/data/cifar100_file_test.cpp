#include "sseg/data/cifar100_file.hpp"

#include <filesystem>
#include <vector>

#include "support/catch.hpp"
#include "unit/data/cifar_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace cifar100_file_test {

using sseg::Cifar100File;
using sseg::Index;
using sseg_test::cifar_byte;
using sseg_test::cifar_record;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

std::string refusal(const std::string& bytes, Index most = 3) {
  const TempFolder folder;
  folder.add("train.bin", bytes);
  return message_of([&] { Cifar100File(folder / "train.bin", most); });
}

}  // namespace

TEST_CASE("a CIFAR-100 file gives labels and pictures, channels interleaved") {
  const TempFolder folder;
  folder.add("train.bin", cifar_record(17, 0) + cifar_record(99, 1, 19) + cifar_record(0, 2, 0));
  const Cifar100File file(folder / "train.bin", 3);
  REQUIRE(file.size() == 3);
  CHECK((file.fine_label(0) == 17 && file.fine_label(1) == 99 && file.fine_label(2) == 0));
  std::vector<std::uint8_t> pixels(sseg::to_size(Cifar100File::shape.count()));
  for (const auto& [i, fine] : {std::pair<Index, Index>{0, 17}, {1, 99}, {2, 0}}) {
    file.copy(i, {pixels.data(), Cifar100File::shape});
    bool right = true;
    for (Index y = 0; y < 32; ++y)
      for (Index x = 0; x < 32; ++x)
        for (Index c = 0; c < 3; ++c)
          right = right && pixels[sseg::to_size((y * 32 + x) * 3 + c)] == cifar_byte(fine, i, y, x, c);
    CHECK(right);
  }
}

TEST_CASE("a CIFAR-100 file that is cut, too long or of other labels is refused") {
  const std::string one = cifar_record(1, 0);
  CHECK(refusal(one + one + one).empty());
  CHECK_THAT(refusal(one + one + one + one), Contains("12296 bytes, more than 3 CIFAR-100 records"));
  CHECK_THAT(refusal(one + one.substr(1)), Contains("6147 bytes are no multiple of 3074") && Contains("train.bin"));
  CHECK_THAT(refusal(one + "x"), Contains("no multiple"));
  CHECK_THAT(refusal(""), Contains("not whole"));
  CHECK_THAT(refusal(one + cifar_record(100, 0)), Contains("record 1 has the labels 3 and 100"));
  CHECK_THAT(refusal(cifar_record(255, 0)), Contains("record 0 has the labels 3 and 255"));
  CHECK_THAT(refusal(cifar_record(1, 0, 20)), Contains("labels 20 and 1"));
  CHECK_THAT(message_of([] { Cifar100File("/no/such/train.bin", 3); }), Contains("/no/such/train.bin"));
  const TempFolder folder;
  CHECK_THAT(message_of([&] { Cifar100File(folder.path(), 3); }), Contains("not a regular file"));
}

TEST_CASE("a huge CIFAR-100 file is refused before it is read") {
  const TempFolder folder;
  folder.add("train.bin", "");
  std::filesystem::resize_file(folder / "train.bin", std::uintmax_t{1} << 40);  // a hole: takes no room
  CHECK_THAT(message_of([&] { Cifar100File(folder / "train.bin", 50'000); }), Contains("more than 50000"));
}

}  // namespace cifar100_file_test
