#include "sseg/data/file_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "support/make_tar.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace file_tree_test {

using sseg::FileTree;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("a folder and a zip and a tar of it look alike") {
  const std::map<std::string, std::string> files{{"b.txt", "bb"},      {"a/z", "z"},      {"a/b/c", "c"},
                                                 {"__MACOSX/a/z", ""}, {"a/.hidden", ""}, {".git/x", ""}};
  const sseg_test::TempFolder folder;
  std::vector<sseg_test::TarEntry> entries{{"./"}, {"./a/"}};
  for (const auto& [name, bytes] : files) {
    folder.add("tree/" + name, bytes);
    entries.push_back({"./" + name, bytes});
  }
  sseg_test::make_zip(folder / "tree.zip", files);
  folder.add("tree.tar", sseg_test::make_tar(entries));
  folder.add("tree.tar.gz", sseg_test::make_tar(entries, sseg_test::Packing::gzip));
  folder.add("tree.tbz2", sseg_test::make_tar(entries, sseg_test::Packing::bzip2));
  folder.add("tree.tar.xz", sseg_test::make_tar(entries, sseg_test::Packing::xz));
  for (const std::string root : {"tree", "tree/", "tree.zip", "tree.tar", "tree.tar.gz", "tree.tbz2", "tree.tar.xz"}) {
    const FileTree tree(folder / root);
    REQUIRE(tree.paths() == std::vector<std::string>{"a/b/c", "a/z", "b.txt"});
    CHECK(tree.read(0, 10) == "c");
    CHECK(tree.read(1, 10) == "z");
    CHECK(tree.read(2, 10) == "bb");
    CHECK(tree.name() == "tree");
    CHECK(tree.is_archive() == (root != "tree" && root != "tree/"));
    CHECK_THAT(tree.where("b.txt"), Contains(tree.is_archive() ? root + ":b.txt" : "tree/b.txt"));
    CHECK_THAT(message_of([&] { tree.read(2, 1); }), Contains("limit of 1 bytes"));
  }
}

TEST_CASE("folders without files are known where they are named") {
  const sseg_test::TempFolder folder;
  folder.add("tree/a/x", "1");
  std::filesystem::create_directories(folder / "tree/empty");
  sseg_test::make_zip(folder / "tree.zip", {{"a/", ""}, {"a/x", "1"}, {"empty/", ""}});
  folder.add("tree.tar", sseg_test::make_tar({{"a/"}, {"a/x", "1"}, {"empty/"}}));
  for (const std::string root : {"tree", "tree.zip", "tree.tar"})
    CHECK(FileTree(folder / root).folders() == std::vector<std::string>{"a", "empty"});
}

TEST_CASE("an archive whose paths leave it is refused") {
  const sseg_test::TempFolder folder;
  for (const std::string path : {"../x", "a/../../x", "/etc/x", "a/.."}) {
    sseg_test::make_zip(folder / "a.zip", {{"ok", "1"}, {path, "1"}});
    folder.add("a.tar.gz", sseg_test::make_tar({{"ok", "1"}, {path, "1"}}, sseg_test::Packing::gzip));
    for (const std::string root : {"a.zip", "a.tar.gz"})
      CHECK_THAT(message_of([&] { FileTree{folder / root}; }),
                 Contains(root + ":" + path) && Contains("Do not trust this archive"));
  }
}

TEST_CASE("a tar over the limit of memory or with a path twice is refused") {
  const sseg_test::TempFolder folder;
  folder.add("a.tar.xz", sseg_test::make_tar({{"x", std::string(1'000'000, ' ')}}, sseg_test::Packing::xz));
  CHECK_THAT(message_of([&] { FileTree(folder / "a.tar.xz", 999'999); }), Contains("limit of 999999 bytes"));
  CHECK(message_of([&] { FileTree(folder / "a.tar.xz", 1'000'000); }).empty());
  folder.add("b.tar", sseg_test::make_tar({{"x", "1"}, {"./x", "2"}}));
  CHECK_THAT(message_of([&] { FileTree{folder / "b.tar"}; }), Contains("occurs twice") && Contains("b.tar:x"));
}

TEST_CASE("a tar may begin with a file named as a zip begins") {
  const sseg_test::TempFolder folder;
  folder.add("lot.tar", sseg_test::make_tar({{"PKLot/1.png", "one"}}));
  const FileTree tree(folder / "lot.tar");
  CHECK_FALSE(tree.is_zip());
  CHECK(tree.paths() == std::vector<std::string>{"PKLot/1.png"});
}

TEST_CASE("a pickle is the only file of its folder, and a link to a folder is refused by name") {
  const sseg_test::TempFolder folder;
  folder.add("set/one.pkl", "1");
  folder.add("set/two.pkl", "2");
  const FileTree tree(folder / "set/one.pkl");
  CHECK(tree.paths() == std::vector<std::string>{"one.pkl"});
  CHECK(tree.read(0, 10) == "1");
  std::filesystem::create_directory_symlink(folder / "set", folder / "linked");
  CHECK_THAT(message_of([&] { FileTree{folder.path()}; }), Contains("linked") && Contains("is a link"));
}

TEST_CASE("a tree that is missing or neither folder nor archive is an error") {
  const sseg_test::TempFolder folder;
  folder.add("file", "text");
  folder.add("text.zip", "PK, but no zip");
  folder.add("empty", "");
  CHECK_THAT(message_of([&] { FileTree{folder / "none"}; }), Contains("no such file or folder"));
  CHECK_THAT(message_of([&] { FileTree{""}; }), Contains("no such file or folder"));
  CHECK_THAT(message_of([&] { FileTree{folder / "file"}; }), Contains("cannot open the archive"));
  CHECK_THAT(message_of([&] { FileTree{folder / "text.zip"}; }), Contains("cannot open the archive"));
  CHECK_FALSE(message_of([&] { FileTree{folder / "empty"}; }).empty());
}

TEST_CASE("the archive of CIFAR-100 is read as it comes") {
  const auto archive = sseg_test::real_data("cifar-100-binary.tar.xz");
  if (!archive) SSEG_SKIP("no cifar-100-binary.tar.xz");
  const FileTree tree(*archive);
  const std::vector<std::string> paths = tree.paths();
  const auto train = std::find(paths.begin(), paths.end(), "cifar-100-binary/train.bin");
  REQUIRE(train != paths.end());
  CHECK(tree.read(train - paths.begin(), 1 << 28).size() % 3074 == 0);
}

}  // namespace file_tree_test
