#include <algorithm>
#include <string>
#include <vector>

#include "sseg/data/cifar_fs.hpp"
#include "support/catch.hpp"
#include "unit/data/cifar_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/pickle_maker.hpp"
#include "unit/io/temp_folder.hpp"

namespace cifar_fs_forms_test {

using sseg::ByteImages;
using sseg::Index;
using sseg::load_cifar_fs;
using sseg::Split;
using sseg_test::cifar_names;
using sseg_test::cifar_record;
using sseg_test::cifar_records;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::py_array;
using sseg_test::py_dict;
using sseg_test::py_ints;
using sseg_test::py_list;
using sseg_test::py_pickle;
using sseg_test::py_str;
using sseg_test::TempFolder;

namespace {

/// Fine labels of the validation classes in the maker's names.
constexpr Index first_label = 20, end_label = 36;

std::string python_meta(std::vector<std::string> names = cifar_names()) {
  for (auto& name : names) name = py_str(name);
  return py_pickle(py_dict({{py_str("fine_label_names"), py_list(names)}}));
}

/// The records as CIFAR-100's Python version has them.
std::string python_part(const std::string& records, bool python3 = false) {
  std::string pixels;
  std::vector<Index> fine;
  for (std::size_t at = 0; at < records.size(); at += 3074) {
    fine.push_back(static_cast<unsigned char>(records[at + 1]));
    pixels += records.substr(at + 2, 3072);
  }
  return py_pickle(
      py_dict({{py_str("data"), sseg_test::py_array_of({static_cast<Index>(fine.size()), 3072},
                                                       python3 ? sseg_test::py_encoded(pixels) : py_str(pixels))},
               {py_str("fine_labels"), py_ints(fine)}}));
}

/// Pictures of the validation classes, `each` of every class, classes taking turns, in NHWC order.
std::string nhwc(Index each) {
  std::string bytes;
  for (Index number = 0; number < each; ++number)
    for (Index fine = first_label; fine < end_label; ++fine)
      for (Index y = 0; y < 32; ++y)
        for (Index x = 0; x < 32; ++x)
          for (Index c = 0; c < 3; ++c) bytes += static_cast<char>(sseg_test::cifar_byte(fine, number, y, x, c));
  return bytes;
}

std::vector<Index> in_turns(Index each, Index first) {
  std::vector<Index> labels;
  for (Index number = 0; number < each; ++number)
    for (Index k = 0; k < 16; ++k) labels.push_back(first + k);
  return labels;
}

std::string own_pickle(const std::string& pixels, const std::vector<Index>& labels) {
  const auto n = static_cast<Index>(labels.size());
  return py_pickle(py_dict({{py_str("labels"), py_ints(labels)}, {py_str("data"), py_array({n, 32, 32, 3}, pixels)}}));
}

ByteImages from_binary() {
  const TempFolder folder;
  folder.add("fine_label_names.txt", sseg_test::lines_of(cifar_names()));
  folder.add("train.bin", cifar_records(first_label, end_label, 0, 500));
  folder.add("test.bin", cifar_records(first_label, end_label, 500, 600));
  return sseg::load_cifar_fs_binary(folder.path(), Split::validation);
}

}  // namespace

TEST_CASE("the Python version of CIFAR-100 gives what the binary version gives") {
  const TempFolder folder;
  const std::string train = python_part(cifar_records(first_label, end_label, 0, 500));
  const std::string test = python_part(cifar_records(first_label, end_label, 500, 600));
  sseg_test::make_zip(
      folder / "cifar.zip",
      {{"cifar-100-python/meta", python_meta()}, {"cifar-100-python/train", train}, {"cifar-100-python/test", test}});
  const ByteImages images = load_cifar_fs(folder / "cifar.zip", Split::validation), expected = from_binary();
  CHECK(images.name == expected.name);
  CHECK(images.classes == expected.classes);
  CHECK(images.label == expected.label);
  CHECK(images.pixels == expected.pixels);

  // Python 3 writes the bytes with protocol 2 as a text, which has to be translated.
  folder.add("3/meta", python_meta());
  folder.add("3/train", python_part(cifar_records(first_label, end_label, 0, 500), true));
  folder.add("3/test", python_part(cifar_records(first_label, end_label, 500, 600), true));
  CHECK(load_cifar_fs(folder / "3", Split::validation).pixels == expected.pixels);

  folder.add("p/meta", python_meta());
  folder.add("p/train", train);
  CHECK_THAT(message_of([&] { load_cifar_fs(folder / "p", Split::validation); }), Contains("no file 'test'"));
  const auto refusal = [&](const std::string& bytes) {
    folder.add("p/test", bytes);
    return message_of([&] { load_cifar_fs(folder / "p", Split::validation); });
  };
  const std::string row(3072, 'x');
  const auto part = [&](const std::string& data, const std::string& labels) {
    return py_pickle(py_dict({{py_str("data"), data}, {py_str("fine_labels"), labels}}));
  };
  CHECK_THAT(refusal(part(py_array({1, 3072}, row), py_ints({1, 2}))), Contains("1 pictures, but 2 labels"));
  CHECK_THAT(refusal(part(py_array({1, 3072}, row), py_ints({100}))), Contains("none of 0 to 99"));
  CHECK_THAT(refusal(part(py_array({1, 3072}, row), py_list({"N"}))), Contains("holds another value"));
  CHECK_THAT(refusal(part(py_array({1, 1536}, row, "u2"), py_ints({1}))), Contains("no array (pictures, 3072)"));
  CHECK_THAT(refusal(part("N", py_ints({1}))), Contains("no array (pictures, 3072)"));
  CHECK_THAT(refusal(py_pickle(py_ints({1}))), Contains("no entry 'fine_labels' in a list"));
  CHECK_THAT(refusal(python_part(cifar_record(20, 0))), Contains("'beaver' has 501"));
  folder.add("p/meta", python_meta({"apple"}));
  CHECK_THAT(message_of([&] { load_cifar_fs(folder / "p", Split::test); }), Contains("expected 100 names"));
}

TEST_CASE("the pickle of a CIFAR-FS split gives its pictures and names no classes") {
  const TempFolder folder;
  folder.add("CIFAR_FS_val.pickle", own_pickle(nhwc(600), in_turns(600, 64)));
  const ByteImages expected = from_binary();
  for (const std::string name : {"", "CIFAR_FS_val.pickle"}) {
    const ByteImages images = load_cifar_fs(folder / name, Split::validation);
    CHECK(images.name == "CIFAR-FS validation");
    CHECK(images.pixels == expected.pixels);
    CHECK(images.label == expected.label);
    REQUIRE(images.classes.size() == 16);
    CHECK(images.classes[15] == "label 79");
  }
  CHECK(load_cifar_fs(folder.path(), Split::validation, false).classes.empty());
  CHECK_THAT(message_of([&] { load_cifar_fs(folder.path(), Split::test); }),
             Contains("no file 'CIFAR_FS_test.pickle'"));
  const auto refusal = [&](const std::string& bytes) {
    folder.add("CIFAR_FS_val.pickle", bytes);
    return message_of([&] { load_cifar_fs(folder.path(), Split::validation); });
  };
  CHECK_THAT(refusal(own_pickle(nhwc(1), in_turns(1, 0))), Contains("'label 0' has 1") && Contains("16 of the 16"));
  CHECK_THAT(refusal(own_pickle(nhwc(1), std::vector<Index>(16, 3))), Contains("1 classes of pictures (32, 32, 3)"));
  CHECK_THAT(refusal("cos\nsystem\n."), Contains("calls os.system") && Contains("CIFAR_FS_val.pickle"));
}

TEST_CASE("folders of CIFAR-FS classes give their pictures by class") {
  const TempFolder folder;
  const auto classes = sseg::cifar_fs_split(Split::validation);
  const auto png = [](std::uint8_t value, Index side = 32) {
    return sseg::encode_png({side, side, 3, std::vector<std::uint8_t>(sseg::to_size(side * side * 3), value)});
  };
  std::string list;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const std::string one = "cifar100/data/" + std::string(classes[k]) + "/", bytes = png(static_cast<std::uint8_t>(k));
    for (int i = 0; i < 600; ++i) folder.add(one + std::to_string(i) + ".png", bytes);
    list += std::string(classes[k]) + "\n";
  }
  const std::string list_file = "cifar100/splits/bertinetto/val.txt";
  folder.add(list_file, list);
  const ByteImages images = load_cifar_fs(folder.path(), Split::validation);
  REQUIRE(images.size() == 9600);
  CHECK(std::equal(classes.begin(), classes.end(), images.classes.begin(), images.classes.end()));
  bool right = true;
  for (Index i = 0; i < 9600; ++i)
    right = right && images.label[sseg::to_size(i)] == i / 600 && images.image(i).data[3071] == i / 600;
  CHECK(right);
  CHECK_THAT(message_of([&] { load_cifar_fs(folder.path(), Split::test); }), Contains("'baby' has 0"));

  const auto refusal = [&] { return message_of([&] { load_cifar_fs(folder.path(), Split::validation); }); };
  folder.add(list_file, list + "apple\n");
  CHECK_THAT(refusal(), Contains("'apple' is listed, but none of the validation split") && Contains("val.txt"));
  folder.add(list_file, "beetle\n");
  CHECK_THAT(refusal(), Contains("'beaver' is missing from the list"));
  folder.add(list_file, list);
  folder.add("cifar100/data/crab/0.png", png(0, 31));
  CHECK_THAT(refusal(), Contains("31 x 31") && Contains("crab/0.png"));
  folder.add("copy/crab/0.png", png(0));
  CHECK_THAT(refusal(), Contains("folders of classes in two places: 'cifar100/data/' and 'copy/'"));
}

TEST_CASE("a place without CIFAR-FS is told which forms there are") {
  const TempFolder folder;
  folder.add("readme.txt", "nothing");
  CHECK_THAT(message_of([&] { load_cifar_fs(folder.path(), Split::test); }),
             Contains("no CIFAR-FS here") && Contains("train.bin") && Contains("CIFAR_FS_train.pickle") &&
                 Contains("data/apple/*.png") && Contains("meta"));
  folder.add("a/train.bin", "");
  folder.add("b/train.bin", "");
  CHECK_THAT(message_of([&] { load_cifar_fs(folder.path(), Split::test); }),
             Contains("two files 'train.bin': 'a/train.bin' and 'b/train.bin'"));
}

}  // namespace cifar_fs_forms_test
