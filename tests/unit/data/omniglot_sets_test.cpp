#include "sseg/data/omniglot_sets.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sseg/augment/turned_images.hpp"
#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/data/omniglot_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace omniglot_sets_test {

using sseg::Images;
using sseg::Index;
using sseg::OmniglotSet;
using sseg::Split;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

constexpr Split splits[] = {Split::train, Split::validation, Split::test};

std::string character(std::string_view alphabet, Index n) {
  return std::string(alphabet) + "/character" + sseg_test::two_digits(n);
}

std::set<std::string> characters_of(Split split) {
  std::set<std::string> names;
  for (const auto& range : sseg::omniglot_vinyals_split(split))
    for (Index n = range.first; n <= range.last; ++n) names.insert(character(range.alphabet, n));
  return names;
}

/// All characters of the three splits whose alphabets begin with a letter up to M, or after it: two drawings of each,
/// of 2 x 2 pixels with a value of their own.
Images half_of_omniglot(bool up_to_m) {
  Images images{up_to_m ? "background" : "evaluation", {2, 2, 1}, {}, {}, {}, {}, {}};
  std::set<std::string> names;
  for (const Split split : splits) names.merge(characters_of(split));
  for (const auto& name : names) {
    if ((name[0] <= 'M') != up_to_m) continue;
    const std::string alphabet = name.substr(0, name.find('/'));
    if (images.groups.empty() || images.groups.back() != alphabet) images.groups.push_back(alphabet);
    images.classes.push_back(name);
    for (int drawing = 0; drawing < 2; ++drawing) {
      images.label.push_back(static_cast<Index>(images.classes.size()) - 1);
      images.group.push_back(static_cast<Index>(images.groups.size()) - 1);
    }
  }
  images.pixels.resize(static_cast<Index>(images.label.size()) * 4);
  for (Index i = 0; i < images.pixels.size(); ++i)
    images.pixels[i] = static_cast<float>(i + (up_to_m ? 0 : 100'000)) / 200'000.f;
  return images;
}

}  // namespace

TEST_CASE("the Vinyals split of Omniglot has its counts and no character twice") {
  std::set<std::string> all;
  const std::size_t counts[] = {1028, 172, 423};
  for (const Split split : splits) {
    auto names = characters_of(split);
    CHECK(names.size() == counts[static_cast<int>(split)]);
    all.merge(names);
    CHECK(names.empty());
  }
  CHECK(all.size() == 1623);
  CHECK(characters_of(Split::test).count("Gurmukhi/character42") == 1);
  CHECK(characters_of(Split::train).count("Gurmukhi/character41") == 1);
}

TEST_CASE("a Vinyals split takes its drawings out of both sets") {
  const Images background = half_of_omniglot(true), evaluation = half_of_omniglot(false);
  for (const Split split : splits) {
    const Images images = sseg::omniglot_vinyals(background, evaluation, split);
    const auto names = characters_of(split);
    REQUIRE(images.classes.size() == names.size());
    CHECK(std::equal(names.begin(), names.end(),
                     std::set<std::string>(images.classes.begin(), images.classes.end()).begin()));
    CHECK(images.groups.size() == sseg::omniglot_vinyals_split(split).size());
    REQUIRE(images.size() == 2 * static_cast<Index>(names.size()));
    bool right = true;
    for (Index i = 0; i < images.size(); ++i) {
      const std::string& name = images.classes[sseg::to_size(images.label[sseg::to_size(i)])];
      const Images& from = name[0] <= 'M' ? background : evaluation;
      const auto k = std::find(from.classes.begin(), from.classes.end(), name) - from.classes.begin();
      right = right && images.label[sseg::to_size(i)] == i / 2 &&
              images.image(i).data[3] == from.image(2 * k + i % 2).data[3];
      right = right && name.starts_with(images.groups[sseg::to_size(images.group[sseg::to_size(i)])] + "/");
    }
    CHECK(right);
    CHECK(images.name == "Omniglot " + std::string(to_string(split)) + ", Vinyals split");
  }
  const Images turned = sseg::with_quarter_turns(sseg::omniglot_vinyals(background, evaluation, Split::train));
  CHECK(turned.classes.size() == 4112);
  CHECK(*std::max_element(turned.label.begin(), turned.label.end()) == 4111);

  CHECK_THAT(message_of([&] { sseg::omniglot_vinyals(background, background, Split::train); }),
             Contains("in both sets"));
  CHECK_THAT(message_of([&] { sseg::omniglot_vinyals(background, Images{}, Split::train); }),
             Contains("drawings of (2, 2, 1) and of ()"));
  Images none{"none", {2, 2, 1}, {}, {}, {}, {}, {}};
  CHECK_THAT(message_of([&] { sseg::omniglot_vinyals(background, none, Split::test); }), Contains("in neither set"));
  none.pixels.resize(4);
  CHECK_THAT(message_of([&] { sseg::omniglot_vinyals(none, background, Split::test); }),
             Contains("without their characters"));
}

TEST_CASE("an official set of Omniglot is found in its folder by name") {
  const TempFolder folder;
  CHECK_THAT(message_of([&] { load_omniglot(folder.path(), OmniglotSet::minimal2); }),
             Contains("no 'images_background_small2' nor 'images_background_small2.zip'"));
  // Found, and refused for its counts: that it has the official name is seen by that.
  sseg_test::make_zip(folder / "images_background_small1.zip", sseg_test::small_omniglot(""));
  CHECK_THAT(message_of([&] { load_omniglot(folder.path(), OmniglotSet::minimal1); }), Contains("2720 drawings"));
  for (const auto& [name, bytes] : sseg_test::small_omniglot("python/images_evaluation/")) folder.add(name, bytes);
  CHECK_THAT(message_of([&] { load_omniglot(folder.path(), OmniglotSet::evaluation); }), Contains("13180 drawings"));
  for (const auto set :
       {OmniglotSet::background, OmniglotSet::evaluation, OmniglotSet::minimal1, OmniglotSet::minimal2})
    CHECK(sseg::omniglot_set_named(to_string(set), "--set") == set);
  CHECK_THAT(message_of([] { sseg::omniglot_set_named("small1", "--set"); }), Contains("no set 'small1'"));
}

TEST_CASE("Omniglot drawings can be black on white") {
  const TempFolder folder;
  sseg_test::make_zip(folder / "set.zip", sseg_test::small_omniglot(""));
  sseg::OmniglotOptions options{35};
  const Images white = load_omniglot(folder / "set.zip", options);
  options.ink_is_one = false;
  const Images black = load_omniglot(folder / "set.zip", options);
  bool right = true;
  for (Index i = 0; i < white.pixels.size(); ++i) right = right && black.pixels[i] == 1 - white.pixels[i];
  CHECK(right);
}

TEST_CASE("the real background set has the characters of the Vinyals splits") {
  const auto data = sseg_test::real_data("omniglot");
  if (!data) SSEG_SKIP("no Omniglot data (set SSEG_DATA_DIR)");
  const Images background = load_omniglot(*data, OmniglotSet::background, {14});
  std::set<std::string> all;
  for (const Split split : splits) all.merge(characters_of(split));
  CHECK(std::all_of(background.classes.begin(), background.classes.end(),
                    [&](const auto& n) { return all.count(n) == 1; }));
  // The alphabets of the validation split are all in the background set: no drawing of the other set is needed.
  const Images none{"none", background.shape, {}, {}, {}, {}, {}};
  CHECK(sseg::omniglot_vinyals(background, none, Split::validation).size() == 172 * 20);
}

}  // namespace omniglot_sets_test
