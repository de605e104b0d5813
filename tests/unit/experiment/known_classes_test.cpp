#include "sseg/experiment/known_classes.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace known_classes_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

/// Two classes, of one and of two examples in two dimensions.
KnownClasses cats_and_dogs() {
  KnownClasses c{.names = {"cat", "dog"}, .label = {0, 1, 1}, .net = "a net"};
  c.rows.dim = 2;
  c.rows.rows.resize(6);
  for (Index i = 0; i < 6; ++i) c.rows.rows[i] = static_cast<float>(i);
  return c;
}

/// What `load_classes` says of these classes, written to a file as they are; "" when it takes them.
std::string refusal(const KnownClasses& c) {
  const TempFolder folder;
  save_classes(folder / "classes.safetensors", c);
  return message_of([&] { load_classes(folder / "classes.safetensors"); });
}

}  // namespace

TEST_CASE("classes come back from their file as they were") {
  const TempFolder folder;
  KnownClasses c = cats_and_dogs();
  c.names = {"Katze, \"groß\"", "\U0001f415 / dog"};
  c.calibration = {.scale = 12.5, .threshold = -0.25, .left_out = 3};
  save_classes(folder / "classes.safetensors", c);
  const KnownClasses read = load_classes(folder / "classes.safetensors");
  CHECK((read.names == c.names && read.label == c.label && read.net == "a net"));
  CHECK((read.rows.dim == 2 && read.rows.rows == c.rows.rows));
  CHECK(read.calibration == c.calibration);
}

TEST_CASE("a class cannot have a name that answers use, or one that is not UTF-8") {
  for (const char* name : {"none of these", "unreadable"}) {
    KnownClasses c = cats_and_dogs();
    c.names[1] = name;
    CHECK_THAT(refusal(c), Contains("a class has a reserved name"));
  }
  KnownClasses near = cats_and_dogs();
  near.names = {"none", "Unreadable"};
  CHECK(refusal(near).empty());

  const TempFolder folder;
  KnownClasses latin = cats_and_dogs();
  latin.names[1] = "caf\xe9";
  CHECK_THAT(message_of([&] { save_classes(folder / "classes.safetensors", latin); }),
             Contains("the class 'caf\xEF\xBF\xBD' has a name that is not UTF-8") && Contains("rename its folder"));
  CHECK_FALSE(std::filesystem::exists(folder / "classes.safetensors"));
}

TEST_CASE("a scale of classes is 0 to 100, and pictures left out are no fewer than none") {
  const auto with = [](double scale, Index left_out) {
    KnownClasses c = cats_and_dogs();
    c.calibration = {.scale = scale, .threshold = {}, .left_out = left_out};
    return refusal(c);
  };
  CHECK(with(0, 0).empty());
  CHECK(with(100, 3).empty());
  CHECK_THAT(with(-1e-9, 0), Contains("scale or left_out is out of range"));
  CHECK_THAT(with(100.001, 0), Contains("scale or left_out is out of range"));
  CHECK_THAT(with(10, -1), Contains("scale or left_out is out of range"));
}

TEST_CASE("every class has an example, and every example a class") {
  const auto labelled = [](std::vector<Index> label) {
    KnownClasses c = cats_and_dogs();
    c.label = std::move(label);
    return refusal(c);
  };
  CHECK(labelled({1, 0, 0}).empty());
  CHECK_THAT(labelled({1, 1, 1}), Contains("a class has no example"));
  CHECK_THAT(labelled({0, 1, 2}), Contains("a label is no class"));
  CHECK_THAT(labelled({0, 2, 2}), Contains("a label is no class"));
  CHECK_THAT(labelled({0, -1, -1}), Contains("a label is no class"));
  CHECK_THAT(labelled({-1, 1, 1}), Contains("a label is no class"));
}

}  // namespace known_classes_test
