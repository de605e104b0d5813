#include "sseg/data/file_tree.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

using sseg::FileTree;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("a folder and a zip of it look alike") {
  const std::map<std::string, std::string> files{{"b.txt", "bb"},      {"a/z", "z"},      {"a/b/c", "c"},
                                                 {"__MACOSX/a/z", ""}, {"a/.hidden", ""}, {".git/x", ""}};
  const sseg_test::TempFolder folder;
  for (const auto& [name, bytes] : files) folder.add("tree/" + name, bytes);
  sseg_test::make_zip(folder / "tree.zip", files);
  for (const std::string root : {"tree", "tree/", "tree.zip"}) {
    const FileTree tree(folder / root);
    REQUIRE(tree.paths() == std::vector<std::string>{"a/b/c", "a/z", "b.txt"});
    CHECK(tree.read(0, 10) == "c");
    CHECK(tree.read(1, 10) == "z");
    CHECK(tree.read(2, 10) == "bb");
    CHECK(tree.root().stem() == "tree");
    CHECK_THAT(tree.where("b.txt"), Contains(tree.is_zip() ? "tree.zip:b.txt" : "tree/b.txt"));
    CHECK_THAT(message_of([&] { tree.read(2, 1); }), Contains("limit of 1 bytes"));
  }
}

TEST_CASE("a tree that is missing or neither folder nor zip is an error") {
  const sseg_test::TempFolder folder;
  folder.add("file", "text");
  CHECK_THAT(message_of([&] { FileTree{folder / "none"}; }), Contains("no such file or folder"));
  CHECK_THAT(message_of([&] { FileTree{""}; }), Contains("no such file or folder"));
  CHECK_THAT(message_of([&] { FileTree{folder / "file"}; }), Contains("Not a zip archive"));
}
