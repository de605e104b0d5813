#include "sseg/experiment/curriculum_folder.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace curriculum_folder_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;
namespace fs = std::filesystem;

namespace {

const SyntheticCurriculum small{{.count = 6, .side = 16, .shapes = 4, .textures = 3}};

std::string text_of(const fs::path& file) { return read_file(file, 1 << 20); }
void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = text_of(file);
  const auto at = text.find(from);
  REQUIRE(at != text.npos);
  write_file_atomically(file, text.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("a curriculum is written as a folder and read again, pictures, labels, levels and truth") {
  const TempFolder temp;
  const fs::path folder = temp / "pictures";
  Threads one(1), three(3);
  const auto difficulty = write_curriculum(one, small, folder);
  for (std::size_t l = 0; l < 4; ++l)
    CHECK(difficulty[l] == Approx(mean_difficulty(small, static_cast<Index>(l) * 6, 6)));
  CHECK_FALSE(fs::exists(folder.string() + ".part"));

  const ByteImages set = load_curriculum(three, folder);
  REQUIRE(set.size() == 24);
  CHECK(set.shape == Shape{16, 16, 3});
  CHECK(set.groups == std::vector<std::string>{"level 1", "level 2", "level 3", "level 4"});
  CHECK(set.classes == small.each.classes());
  std::vector<float> picture(16 * 16 * 3);
  for (Index i = 0; i < 24; ++i) {
    CHECK(set.label[to_size(i)] == small.read(i, {picture.data(), {16, 16, 3}}));
    CHECK(set.group[to_size(i)] == i / 6);
    for (Index k = 0; k < set.shape.count(); ++k) REQUIRE(set.image(i).data[k] == to_byte(picture[to_size(k)]));
  }
  const CsvTable manifest(text_of(folder / "manifest.csv"), "manifest");
  CHECK(manifest.size() == 24);
  CHECK(manifest.cell(0, manifest.column("file")) == "level_1/circle/000000.png");
  CHECK(manifest.cell(8, manifest.column("file")) == "level_2/waves/000002.png");
  const SceneFactors f = small.of_level(4).factors(5);
  CHECK(manifest.cell(23, manifest.column("objects")) == std::to_string(f.objects));
  CHECK(from_text_value<float>(manifest.cell(23, manifest.column("visible"))) == visible_share(f));
  CHECK(from_text_value<float>(manifest.cell(23, manifest.column("noise"))) == f.noise);

  const Picture sheet = decode_png(text_of(folder / "contact_sheet.png"), "sheet");
  CHECK((sheet.height == 4 * 16 && sheet.width == 6 * 16));

  const fs::path again = temp / "again";
  write_curriculum(three, small, again);
  CHECK(text_of(again / "manifest.csv") == text_of(folder / "manifest.csv"));
  CHECK(text_of(again / "level_4/square/000005.png") == text_of(folder / "level_4/square/000005.png"));
}

TEST_CASE("a curriculum never replaces a folder, and leaves none that is not whole") {
  const TempFolder temp;
  Threads threads(1);
  fs::create_directories(temp / "taken");
  CHECK_THAT(message_of([&] { write_curriculum(threads, small, temp / "taken"); }), Contains("the folder exists"));
  SyntheticCurriculum none = small;
  none.each.count = 0;
  CHECK_THAT(message_of([&] { write_curriculum(threads, none, temp / "none"); }), Contains("without pictures"));
  CHECK_FALSE(fs::exists(temp / "none"));
}

TEST_CASE("a folder named with a slash at its end is written, and only a curriculum's folder is removed") {
  const TempFolder temp;
  Threads threads(1);
  write_curriculum(threads, small, (temp / "pictures").string() + "/");
  CHECK(load_curriculum(threads, temp / "pictures").size() == 24);
  fs::create_directories(temp / "mine");
  write_file_atomically(temp / "mine" / "manifest.csv", "other,columns\n");
  CHECK_THAT(message_of([&] { remove_curriculum(temp / "mine"); }), Contains("no folder of a curriculum"));
  CHECK(fs::exists(temp / "mine"));
  remove_curriculum(temp / "pictures");
  CHECK_FALSE(fs::exists(temp / "pictures"));
  CHECK_NOTHROW(remove_curriculum(temp / "pictures"));
  SyntheticCurriculum third = small;
  third.each.level = 3;
  CHECK_THAT(message_of([&] { write_curriculum(threads, third, temp / "third"); }), Contains("all four levels"));
}

TEST_CASE("a curriculum that was killed on its way is removed and written anew, whenever that was") {
  const TempFolder temp;
  Threads threads(1);
  const fs::path folder = temp / "pictures", part = temp / "pictures.part";
  write_curriculum(threads, small, temp / "whole");
  const std::string manifest = text_of(temp / "whole" / "manifest.csv");
  const auto begun = [&](bool pictures, const char* lines) {  // as the folder was left
    fs::create_directories(part);
    if (pictures) fs::copy(temp / "whole" / "level_1", part / "level_1", fs::copy_options::recursive);
    if (lines != nullptr) write_file_atomically(part / "manifest.csv", lines);
    CHECK_THAT(message_of([&] { write_curriculum(threads, small, folder); }), Contains("the folder exists"));
    remove_curriculum(folder);
    CHECK_FALSE(fs::exists(part));
    write_curriculum(threads, small, folder);
    CHECK(text_of(folder / "manifest.csv") == manifest);
    remove_curriculum(folder);
  };
  begun(false, nullptr);                                         // before the manifest
  begun(false, "");                                              // before the folders of the classes
  begun(true, "");                                               // before the manifest's first lines reached the disk
  begun(true, manifest.substr(0, manifest.size() / 2).c_str());  // in the middle of a line
  begun(true, manifest.c_str());                                 // before it got its name
}

TEST_CASE("a folder of other pictures is never removed, by whatever name") {
  const TempFolder temp;
  const auto refused = [&](const std::string& wanted, const std::string& kept) {
    CHECK_THAT(message_of([&] { remove_curriculum(temp / wanted); }),
               Contains("no folder of a curriculum") && Contains((temp / kept).string()));
    CHECK(fs::exists(temp / kept));
  };
  temp.add("own/cat/1.png", "a picture");
  refused("own", "own");
  refused("own/", "own");
  temp.add("begun.part/cat/1.png", "a picture");
  refused("begun", "begun.part");
  temp.add("begun.part/manifest.csv", "");
  refused("begun", "begun.part");
  temp.add("levels.part/level_1/1.png", "a picture");
  refused("levels", "levels.part");
  fs::create_directories(temp / "empty");
  refused("empty", "empty");
  temp.add("list/manifest.csv", "");
  refused("list", "list");
  temp.add("other/manifest.csv", "file,level,label\n");
  temp.add("other.part/level_1/1.png", "a picture");
  refused("other", "other");
  CHECK(fs::exists(temp / "other.part"));
  CHECK(text_of(temp / "own" / "cat" / "1.png") == "a picture");

  Threads threads(1);  // own pictures beside a curriculum stay, too
  write_curriculum(threads, small, temp / "done");
  temp.add("done.part/cat/1.png", "a picture");
  CHECK_THAT(message_of([&] { remove_curriculum(temp / "done"); }), Contains("no folder of a curriculum"));
  CHECK(fs::exists(temp / "done.part" / "cat" / "1.png"));
  CHECK(load_curriculum(threads, temp / "done").size() == 24);  // nothing is removed when not all of it may be
}

TEST_CASE("damaged curricula are refused by name") {
  const TempFolder temp;
  const fs::path folder = temp / "pictures", manifest = folder / "manifest.csv";
  Threads threads(1);
  const auto load = [&] { return message_of([&] { load_curriculum(threads, folder); }); };
  CHECK_THAT(load(), Contains("manifest.csv"));
  write_curriculum(threads, small, folder);
  const std::string whole = text_of(manifest);
  const auto damaged = [&](const std::string& from, const std::string& to) {
    write_file_atomically(manifest, whole);
    replace_in(manifest, from, to);
    return load();
  };
  CHECK_THAT(damaged("level_1/circle/000000.png", "../secret.png"), Contains("outside its folder"));
  CHECK_THAT(damaged("level_1/circle/000000.png", "/etc/passwd"), Contains("outside its folder"));
  CHECK_THAT(damaged("level_1/circle/000000.png,1,", "level_1/circle/000000.png,9,"), Contains("is no level"));
  CHECK_THAT(damaged("level_1/circle/000000.png,1,", "level_1/circle/000000.png,2,"), Contains("not in their order"));
  CHECK_THAT(damaged("level_1/circle/000000.png,1,0", "level_1/circle/000000.png,1,x"), Contains("is no label"));
  CHECK_THAT(damaged("file,level,", "file,stage,"), Contains("no column 'level'"));
  write_file_atomically(manifest, whole.substr(0, whole.rfind("level_4")));
  CHECK_THAT(load(), Contains("23 pictures are not as many"));
  write_file_atomically(manifest, whole);
  write_file_atomically(folder / "level_3/circle/000000.png", encode_png({2, 2, 3, std::vector<std::uint8_t>(12)}));
  CHECK_THAT(load(), Contains("level_3/circle/000000.png") && Contains("the first one is"));
  fs::remove(folder / "level_3/circle/000000.png");
  CHECK_THAT(load(), Contains("level_3/circle/000000.png"));
}

}  // namespace curriculum_folder_test
