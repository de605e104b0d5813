#include "sseg/data/cifar_fs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/data/cifar_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace cifar_fs_test {

using sseg::ByteImages;
using sseg::Index;
using sseg::load_cifar_fs;
using sseg::Split;
using sseg_test::cifar_names;
using sseg_test::cifar_record;
using sseg_test::cifar_records;
using sseg_test::Contains;
using sseg_test::lines_of;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

/// Fine labels of the maker's names: test 0 … 19, validation 20 … 35, train 36 … 99.
constexpr Index first_validation = 20, end_validation = 36;

std::vector<Index> counts_of(const ByteImages& images) {
  std::vector<Index> counts(images.classes.size());
  for (const Index label : images.label) ++counts[sseg::to_size(label)];
  return counts;
}

}  // namespace

TEST_CASE("a CIFAR-FS split is the 600 pictures of each of its classes, in the order of the files") {
  const auto split = GENERATE(Split::validation, Split::test);
  const Index first = split == Split::test ? 0 : first_validation;
  const Index end = split == Split::test ? first_validation : end_validation;
  const TempFolder folder;
  folder.add("fine_label_names.txt", lines_of(cifar_names()));
  // Some pictures of another split among them, which are passed over.
  folder.add("train.bin", cifar_records(90, 92, 0, 3) + cifar_records(first, end, 0, 500));
  folder.add("test.bin", cifar_records(first, end, 500, 600) + cifar_records(90, 91, 0, 2));

  const ByteImages images = load_cifar_fs(folder.path(), split);
  const Index classes = end - first;
  REQUIRE(images.size() == classes * 600);
  CHECK(images.shape == sseg::Shape{32, 32, 3});
  CHECK(images.name == "CIFAR-FS " + std::string(to_string(split)));
  const auto names = sseg::cifar_fs_split(split);
  CHECK(std::equal(names.begin(), names.end(), images.classes.begin(), images.classes.end()));
  CHECK(images.group.empty());
  bool right = true;
  for (Index i = 0; i < images.size(); ++i) {
    const Index label = i % classes, number = i / classes;
    right = right && images.label[sseg::to_size(i)] == label;
    for (const auto& [y, x, c] : {std::array<Index, 3>{0, 0, 0}, {31, 2, 1}, {5, 30, 2}})
      right =
          right && images.image(i).data[(y * 32 + x) * 3 + c] == sseg_test::cifar_byte(first + label, number, y, x, c);
  }
  CHECK(right);

  const ByteImages unlabelled = load_cifar_fs(folder.path(), split, false);
  CHECK(unlabelled.label.empty());
  CHECK(unlabelled.classes.empty());
  CHECK(unlabelled.spec().classes == 0);
  CHECK(unlabelled.pixels == images.pixels);

  CHECK_THAT(
      message_of([&] { load_cifar_fs(folder.path(), Split::train); }),
      Contains(
          "64 of the 64 classes of the train split do not have 600 pictures: 'apple' has 0, 'aquarium_fish' has 0"));
}

TEST_CASE("CIFAR-100 files that are not whole are refused") {
  const TempFolder folder;
  const std::string few = cifar_record(1, 0);
  const auto refusal = [&](const std::string& names, const std::string& train, const std::string& test) {
    folder.add("fine_label_names.txt", names);
    folder.add("train.bin", train);
    folder.add("test.bin", test);
    return message_of([&] { load_cifar_fs(folder.path(), Split::validation); });
  };
  const std::string names = lines_of(cifar_names());
  CHECK_THAT(refusal(names, few, few), Contains("validation split") && Contains("'beaver' has 0"));
  CHECK_THAT(refusal(lines_of(cifar_names(), "\r\n") + "\r\n", few, few), Contains("'beaver' has 0"));
  CHECK_THAT(refusal(names, few + "x", few), Contains("no multiple of 3074") && Contains("train.bin"));
  CHECK_THAT(refusal(names, few, few + few.substr(2)), Contains("no multiple of 3074") && Contains("test.bin"));
  CHECK_THAT(refusal(names, few, cifar_record(100, 0)), Contains("labels 3 and 100") && Contains("test.bin"));

  auto renamed = cifar_names();
  renamed[25] = "crap";
  CHECK_THAT(refusal(lines_of(renamed), few, few),
             Contains("'crab'") && Contains("exactly once") && Contains("fine_label_names.txt"));
  renamed[25] = "crab", renamed[99] = "crab";
  CHECK_THAT(refusal(lines_of(renamed), few, few), Contains("'crab'") && Contains("exactly once"));
  renamed.pop_back();
  CHECK_THAT(refusal(lines_of(renamed), few, few), Contains("expected 100 names of classes, found 99"));
  CHECK_THAT(refusal("", few, few), Contains("found 0"));
  CHECK_THAT(refusal(std::string(1 << 15, 'x'), few, few), Contains("larger than the limit"));
  std::filesystem::remove(folder / "fine_label_names.txt");
  CHECK_THAT(message_of([&] { load_cifar_fs(folder.path(), Split::test); }), Contains("fine_label_names.txt"));
}

TEST_CASE("a class that lacks one picture, or has one too many, is refused") {
  const TempFolder folder;
  folder.add("fine_label_names.txt", lines_of(cifar_names()));
  const std::string test = cifar_records(first_validation, end_validation, 0, 1);
  const std::string train = cifar_records(first_validation, end_validation, 1, 600);
  const auto refusal = [&](const std::string& train_bytes, const std::string& test_bytes) {
    folder.add("train.bin", train_bytes);
    folder.add("test.bin", test_bytes);
    return message_of([&] { load_cifar_fs(folder.path(), Split::validation); });
  };
  CHECK(refusal(train, test).empty());
  CHECK_THAT(refusal(train, test.substr(0, test.size() - 3074)),
             Contains("1 of the 16 classes") && Contains("'tractor' has 599"));
  CHECK_THAT(refusal(train, test + cifar_record(21, 7)), Contains("'beetle' has 601"));
}

TEST_CASE("the archive of the real CIFAR-100 gives CIFAR-FS") {
  const auto archive = sseg_test::real_data("cifar-100-binary.tar.xz");
  if (!archive) SSEG_SKIP("no CIFAR-100 data (set SSEG_DATA_DIR)");
  const sseg::FileTree tree(*archive);
  const auto load = [&](Split split) { return sseg::detail::cifar_fs_from_tree(tree, split, true); };

  const ByteImages validation = load(Split::validation);
  CHECK(validation.size() == 9600);
  CHECK(counts_of(validation) == std::vector<Index>(16, 600));
  const ByteImages train = load(Split::train);
  CHECK(train.size() == 38400);
  CHECK(counts_of(train) == std::vector<Index>(64, 600));
  CHECK(train.classes[0] == "apple");

  // The published mean and deviation of the training pictures (Lee et al. 2019), on the scale of bytes.
  const double mean[] = {129.377, 124.106, 112.478}, deviation[] = {68.209, 65.431, 70.459};
  for (Index c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (Index i = c; i < train.pixels.size(); i += 3) {
      const auto v = static_cast<double>(train.pixels[i]);
      sum += v, squares += v * v;
    }
    const double n = static_cast<double>(train.pixels.size() / 3);
    CHECK(sum / n == Approx(mean[c]).margin(1.5));
    CHECK(std::sqrt(squares / n - sum / n * sum / n) == Approx(deviation[c]).margin(1.5));
  }
  // A copy may lack the classes of the test split; then it says so.
  Index test_size = 12000;
  const std::string refused = message_of([&] { test_size = load(Split::test).size(); });
  CHECK(test_size == 12000);
  if (!refused.empty()) CHECK_THAT(refused, Contains("20 classes of the test split") && Contains("'baby' has 0"));
}

}  // namespace cifar_fs_test
