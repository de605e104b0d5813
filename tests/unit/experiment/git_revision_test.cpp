#include "sseg/experiment/git_revision.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"

namespace git_revision_test {

using sseg::git_revision;
using sseg_test::TempFolder;

namespace {

const std::string hash = "0123456789abcdef0123456789abcdef01234567";
const std::string other = "89abcdef0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("the commit of a branch, from any folder of the work tree") {
  const TempFolder folder;
  folder.add(".git/HEAD", "ref: refs/heads/main\n");
  std::filesystem::create_directories(folder / "deep/er");
  CHECK(git_revision(folder.path()).empty());  // nothing committed so far
  folder.add(".git/refs/heads/main", hash + "\n");
  CHECK(git_revision(folder.path()) == hash);
  CHECK(git_revision(folder / "deep/er") == hash);
}

TEST_CASE("the commit of a detached head and of packed branches") {
  const TempFolder folder;
  folder.add(".git/HEAD", hash + "\n");
  CHECK(git_revision(folder.path()) == hash);
  folder.add(".git/HEAD", "ref: refs/heads/feature/x\n");
  folder.add(".git/packed-refs", "# pack-refs with: peeled\n" + other + " refs/heads/main\n^" + other + "\n" + hash +
                                     " refs/heads/feature/x\n");
  CHECK(git_revision(folder.path()) == hash);
  folder.add(".git/refs/heads/feature/x", other + "\n");  // newer than what is packed
  CHECK(git_revision(folder.path()) == other);
}

TEST_CASE("the commit of a linked work tree, whose branches lie with the others") {
  const TempFolder folder;
  folder.add("main/.git/refs/heads/topic", hash + "\n");
  folder.add("main/.git/worktrees/tree/HEAD", "ref: refs/heads/topic\n");
  folder.add("main/.git/worktrees/tree/commondir", "../..\n");
  folder.add("tree/.git", "gitdir: " + (folder / "main/.git/worktrees/tree").string() + "\n");
  CHECK(git_revision(folder / "tree") == hash);
  folder.add("tree/.git", "gitdir: ../main/.git/worktrees/tree\n");
  CHECK(git_revision(folder / "tree") == hash);
}

TEST_CASE("what is no git folder has no commit") {
  const TempFolder folder;
  const auto revision = [&](const std::string& head) {
    folder.add(".git/HEAD", head);
    return git_revision(folder.path());
  };
  folder.add("secret", hash + "\n");
  folder.add(".git/refs/heads/main", "no hash\n");
  CHECK(revision("").empty());
  CHECK(revision("nonsense\n").empty());
  CHECK(revision("ref: \n").empty());
  CHECK(revision("ref: refs/../../secret\n").empty());
  CHECK(revision("ref: ../secret\n").empty());
  CHECK(revision(std::string(1 << 20, 'a')).empty());
  CHECK(revision("ref: refs/heads/main\n").empty());
  CHECK(git_revision(folder / "not/there") == git_revision(folder.path()));
}

TEST_CASE("git itself says the same") {
  const TempFolder folder;
  const std::string in = "cd '" + folder.path().string() + "' && ";
  const std::string make =
      "(git init -q && git -c user.name=x -c user.email=x@example.org commit -q --allow-empty "
      "-m one && git rev-parse HEAD > revision) > /dev/null 2>&1";
  if (std::system((in + make).c_str()) != 0) SSEG_SKIP("git is not installed");
  const std::string revision = sseg::read_file(folder / "revision");
  CHECK(git_revision(folder.path()) + "\n" == revision);
  REQUIRE(std::system((in + "git pack-refs --all && git worktree add -q tree > /dev/null 2>&1").c_str()) == 0);
  CHECK(git_revision(folder.path()) + "\n" == revision);
  CHECK(git_revision(folder / "tree") + "\n" == revision);
}

}  // namespace git_revision_test
