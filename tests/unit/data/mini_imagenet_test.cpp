#include "sseg/data/mini_imagenet.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/pickle_maker.hpp"
#include "unit/io/temp_folder.hpp"

namespace mini_imagenet_test {

using sseg::ByteImages;
using sseg::Index;
using sseg::load_mini_imagenet;
using sseg::MiniImageNetOptions;
using sseg::Split;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::py_array;
using sseg_test::py_dict;
using sseg_test::py_int;
using sseg_test::py_ints;
using sseg_test::py_pickle;
using sseg_test::py_str;
using sseg_test::TempFolder;

namespace {

constexpr Split split = Split::validation;
constexpr Index classes = 16;
const MiniImageNetOptions two{.size = 8, .per_class = 2};

std::string class_name(Index k) { return std::string(sseg::mini_imagenet_split(split)[sseg::to_size(k)]); }

/// The colour of picture `number` of class `k`: one byte for all pixels and channels.
std::uint8_t byte_of(Index k, Index number) { return static_cast<std::uint8_t>(10 * k + number + 1); }

std::string png(Index k, Index number, Index height = 8, Index width = 8) {
  return sseg::encode_png(
      {height, width, 3, std::vector<std::uint8_t>(sseg::to_size(3 * height * width), byte_of(k, number))});
}

/// Two pictures of every validation class, class after class, each of its own colour.
void check_pictures(const ByteImages& images) {
  CHECK(images.name == "mini-ImageNet validation, 2 a class");
  CHECK(images.shape == sseg::Shape{8, 8, 3});
  REQUIRE(images.size() == 2 * classes);
  REQUIRE(images.classes.size() == 16);
  for (Index i = 0; i < images.size(); ++i) {
    CHECK(images.label[sseg::to_size(i)] == i / 2);
    CHECK(images.classes[sseg::to_size(i / 2)] == class_name(i / 2));
    const auto pixels = images.image(i).flat();
    CHECK(std::all_of(pixels.begin(), pixels.end(), [&](auto v) { return v == byte_of(i / 2, i % 2); }));
  }
}

/// Pixels of the pictures, their numbers taking turns last, as 8 x 8 x 3 bytes.
std::string stack_bytes() {
  std::string bytes;
  for (Index number = 0; number < 2; ++number)
    for (Index k = 0; k < classes; ++k) bytes.append(8 * 8 * 3, static_cast<char>(byte_of(k, number)));
  return bytes;
}

std::string cache_pickle(const std::vector<std::pair<std::string, std::string>>& class_dict) {
  return py_pickle(py_dict({{py_str("image_data"), py_array({2 * classes, 8, 8, 3}, stack_bytes())},
                            {py_str("class_dict"), py_dict(class_dict)}}));
}

std::vector<std::pair<std::string, std::string>> cache_places() {
  std::vector<std::pair<std::string, std::string>> places;
  for (Index k = classes; k-- > 0;) places.emplace_back(py_str(class_name(k)), py_ints({k, classes + k}));
  return places;
}

std::string ravi_csv() {
  std::string text = "filename,label\r\n";
  for (Index number = 0; number < 2; ++number)
    for (Index k = 0; k < classes; ++k)
      text += class_name(k) + "0000000" + std::to_string(number) + ".jpg," + class_name(k) + "\r\n";
  return text;
}

}  // namespace

TEST_CASE("mini-ImageNet is cut into 64 and 16 and 20 classes and none is in two") {
  std::vector<std::string_view> all;
  for (const Split s : {Split::train, Split::validation, Split::test})
    for (const auto name : sseg::mini_imagenet_split(s)) {
      CHECK((name.size() == 9 && name[0] == 'n'));
      all.push_back(name);
    }
  CHECK(sseg::mini_imagenet_split(Split::train).size() == 64);
  CHECK(sseg::mini_imagenet_split(Split::validation).size() == 16);
  CHECK(sseg::mini_imagenet_split(Split::test).size() == 20);
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("mini-ImageNet is read from pictures and the table of Ravi and Larochelle") {
  const TempFolder folder;
  for (const std::string set : {"beside/", "above/"}) {
    folder.add(set + (set == "above/" ? "split/val.csv" : "val.csv"), ravi_csv());
    for (Index k = 0; k < classes; ++k)
      for (Index n = 0; n < 2; ++n)
        folder.add(set + "images/" + class_name(k) + "0000000" + std::to_string(n) + ".jpg", png(k, n));
    check_pictures(load_mini_imagenet(folder / set, split, two));
  }
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder / "beside", split); }),
             Contains("16 of the 16 classes of the validation split do not have 600 pictures") &&
                 Contains("'n01855672' has 2"));
  const ByteImages any = load_mini_imagenet(folder / "beside", split, {.size = 8, .per_class = 0});
  CHECK(any.name == "mini-ImageNet validation, a subset");
  CHECK(any.size() == 32);
  const ByteImages unlabelled =
      load_mini_imagenet(folder / "beside", split, {.size = 8, .per_class = 2, .keep_labels = false});
  CHECK(load_mini_imagenet(folder / "beside", split, {.size = 8, .per_class = 2, .threads = 3}).pixels == any.pixels);
  CHECK((unlabelled.label.empty() && unlabelled.classes.empty() && unlabelled.pixels == any.pixels));

  const auto refusal = [&](const std::string& csv) {
    folder.add("beside/val.csv", csv);
    return message_of([&] { load_mini_imagenet(folder / "beside", split, two); });
  };
  CHECK_THAT(refusal("filename,label\nno.jpg,n01855672\n"), Contains("'no.jpg', which is not there"));
  CHECK_THAT(refusal("filename,label\n../val.csv,n01855672\n"), Contains("which is not there"));
  CHECK_THAT(refusal("filename,label\nx.jpg,n01532829\n"), Contains("'n01532829' is none of the validation split"));
  const std::string row = "n018556720000000" + std::string("0.jpg,n01855672\n");
  CHECK_THAT(refusal("filename,label\n" + row + row), Contains("n0185567200000000.jpg' twice"));
  CHECK_THAT(refusal("name,label\n"), Contains("no column 'filename'"));
  CHECK_THAT(refusal("filename,label\n"), Contains("'n01855672' has 0"));
}

TEST_CASE("mini-ImageNet is read from folders of classes and the table of easyfsl") {
  const TempFolder folder;
  std::map<std::string, std::string> files;
  std::string& csv = files["val.csv"];
  csv = "class_name,image_name\n";
  for (Index k = 0; k < classes; ++k)
    for (Index n = 0; n < 3; ++n) {  // the third is not in the table
      const std::string file = class_name(k) + "_" + std::to_string(n) + ".JPEG";
      files["images/" + class_name(k) + "/" + file] = png(k, n);
      if (n < 2) csv += class_name(k) + "," + file + "\n";
    }
  sseg_test::make_zip(folder / "mini.zip", files);
  check_pictures(load_mini_imagenet(folder / "mini.zip", split, two));
  files.erase("val.csv");
  sseg_test::make_zip(folder / "mini.zip", files);
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder / "mini.zip", split, two); }), Contains("'n01855672' has 3"));
}

TEST_CASE("mini-ImageNet is read from folders of classes") {
  const TempFolder folder;
  for (const std::string set : {"val/", "data/"})
    for (Index k = 0; k < classes; ++k)
      for (Index n = 0; n < 2; ++n)
        folder.add("of " + set + set + class_name(k) + "/" + std::to_string(n) + ".jpg", png(k, n, 8 + n, 8 + 3 * k));
  folder.add("of val/train/n01532829/0.jpg", "another split, not looked at");
  check_pictures(load_mini_imagenet(folder / "of val", split, two));
  check_pictures(load_mini_imagenet(folder / "of data", split, two));
  folder.add("of data/splits/ravi-larochelle/val.txt", "n01532829\n");
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder / "of data", split, two); }),
             Contains("missing from the list") && Contains("val.txt"));
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder / "of val", Split::test, two); }),
             Contains("no test split of mini-ImageNet here") && Contains("mini-imagenet-cache-train.pkl"));
  folder.add("of val/val/n01855672/0.jpg", "no picture");
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder / "of val", split, two); }), Contains("n01855672/0.jpg"));
}

TEST_CASE("mini-ImageNet is read from its cache pickles") {
  const TempFolder folder;
  for (const std::string name : {"mini-imagenet-cache-val.pkl", "mini-imagenet-cache-validation.pkl"}) {
    folder.add(name + " folder/" + name, cache_pickle(cache_places()));
    check_pictures(load_mini_imagenet(folder / (name + " folder"), split, two));
    check_pictures(load_mini_imagenet(folder / (name + " folder/" + name), split, two));
  }
  const auto refusal = [&](const std::string& bytes) {
    folder.add("x/mini-imagenet-cache-val.pkl", bytes);
    return message_of([&] { load_mini_imagenet(folder / "x", split, two); });
  };
  auto places = cache_places();
  places[0].second = py_ints({0, 1});
  CHECK_THAT(refusal(cache_pickle(places)), Contains("the picture 1 twice"));
  places[0].second = py_ints({0, 32});
  CHECK_THAT(refusal(cache_pickle(places)), Contains("the picture 32"));
  places[0].second = py_ints({-1});
  CHECK_THAT(refusal(cache_pickle(places)), Contains("the picture -1"));
  places = cache_places();
  places[1].first = places[0].first;
  CHECK_THAT(refusal(cache_pickle(places)), Contains("a class twice"));
  places.resize(1);
  CHECK_THAT(refusal(cache_pickle(places)), Contains("15 of the 16 classes"));
  places[0].first = py_str("n01532829");
  CHECK_THAT(refusal(cache_pickle(places)), Contains("'n01532829' is none of the validation split"));
  CHECK_THAT(refusal(py_pickle(py_dict({{py_str("image_data"), py_array({1, 2, 2}, "abcd")}}))),
             Contains("no array (pictures, height, width, 3)"));
}

TEST_CASE("mini-ImageNet is read from the pickles of MetaOptNet") {
  const TempFolder folder;
  std::vector<Index> labels;
  std::vector<std::pair<std::string, std::string>> names;
  for (Index number = 0; number < 2; ++number)
    for (Index k = 0; k < classes; ++k) labels.push_back(79 - k);
  for (Index k = 0; k < classes; ++k)
    names.emplace_back(py_str(class_name(k)), py_int(static_cast<std::int32_t>(79 - k)));
  const auto file = [&] {
    return py_pickle(py_dict({{py_str("data"), py_array({2 * classes, 8, 8, 3}, stack_bytes())},
                              {py_str("labels"), py_ints(labels)},
                              {py_str("catname2label"), py_dict(names)}}));
  };
  const std::string name = "miniImageNet_category_split_val.pickle";
  folder.add(name, file());
  check_pictures(load_mini_imagenet(folder.path(), split, two));
  names.pop_back();
  folder.add(name, file());
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder.path(), split, two); }), Contains("the label 64 has no name"));
  labels.pop_back();
  folder.add(name, file());
  CHECK_THAT(message_of([&] { load_mini_imagenet(folder.path(), split, two); }),
             Contains("32 pictures with 31 labels"));
}

TEST_CASE("a picture is cut to its middle square and resized without aliasing") {
  using Bytes = std::vector<std::uint8_t>;
  const auto squared = [](const Bytes& in, const sseg::Shape& shape, Index size, sseg::ResizeFilter filter) {
    Bytes out(sseg::to_size(size * size * shape[2]));
    sseg::fit_picture({in.data(), shape}, {out.data(), {size, size, shape[2]}}, sseg::PictureFit::crop, filter);
    return out;
  };
  const auto area = sseg::ResizeFilter::area;
  CHECK(squared({1, 2, 3, 4}, {2, 2, 1}, 2, area) == Bytes{1, 2, 3, 4});
  CHECK(squared({9, 10, 20, 9, 9, 30, 40, 9}, {2, 4, 1}, 2, area) == Bytes{10, 20, 30, 40});
  CHECK(squared({9, 9, 10, 20, 30, 40, 9, 9}, {4, 2, 1}, 1, area) == Bytes{25});
  CHECK(squared({0, 255, 0, 255}, {2, 2, 1}, 1, sseg::ResizeFilter::triangle) == Bytes{128});
  const TempFolder folder;
  for (const Index size : {0, 1025})
    CHECK_THAT(message_of([&] {
                 folder.add("n01855672/0.png", "");
                 load_mini_imagenet(folder.path(), split, {.size = size, .per_class = 0});
               }),
               Contains("between 1 and 1024"));
}

}  // namespace mini_imagenet_test
