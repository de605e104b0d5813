#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>

#include "sseg/io/atomic_file.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace files_test {

using sseg_test::Contains;
using sseg_test::message_of;

namespace {

auto files_in(const sseg_test::TempFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), std::filesystem::directory_iterator());
}

/// Lets no file grow beyond `bytes`; a write beyond fails as on a full disk instead of ending the program.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("a file is written and replaced whole") {
  const sseg_test::TempFolder folder;
  const std::string bytes("a\0b\n\xff", 5);
  sseg::write_file_atomically(folder / "file", bytes);
  CHECK(sseg::read_file(folder / "file") == bytes);
  sseg::write_file_atomically(folder / "file", "");
  CHECK(sseg::read_file(folder / "file").empty());
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a failed write leaves the old file and no temporary") {
  const sseg_test::TempFolder folder;
  sseg::write_file_atomically(folder / "file", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of([&] { sseg::write_file_atomically(folder / "file", std::string(100'000, 'x')); });
  }
  CHECK_THAT(message, Contains("cannot write the file") && Contains("ulimit"));
  CHECK(sseg::read_file(folder / "file") == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a file that cannot be made is an error with a cure") {
  const sseg_test::TempFolder folder;
  folder.add("plain", "x");
  std::filesystem::create_directory(folder / "sub");
  CHECK_THAT(message_of([&] { sseg::write_file_atomically(folder / "absent/file", "x"); }),
             Contains("cannot create a file in the folder") && Contains("make the missing one"));
  CHECK_THAT(message_of([&] { sseg::write_file_atomically(folder / "plain/file", "x"); }), Contains("existing folder"));
  CHECK_THAT(message_of([&] { sseg::write_file_atomically(folder / "sub", "x"); }),
             Contains("cannot replace the file"));
  CHECK_THAT(message_of([&] { sseg::write_file_atomically(folder / "sub/", "x"); }), Contains("no file name"));
  CHECK(files_in(folder) == 2);
}

TEST_CASE("a folder without write permission is named") {
  if (::geteuid() == 0) SSEG_SKIP("the superuser may write everywhere");
  const sseg_test::TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK_THAT(message_of([&] { sseg::write_file_atomically(folder / "file", "x"); }), Contains("No permission"));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST_CASE("reading refuses what is missing, no file, or too large") {
  const sseg_test::TempFolder folder;
  folder.add("ten", "0123456789");
  CHECK(sseg::read_file(folder / "ten", 10).size() == 10);
  CHECK_THAT(message_of([&] { sseg::read_file(folder / "ten", 9); }), Contains("larger than the limit of 9 bytes"));
  CHECK_THAT(message_of([&] { sseg::read_file(folder / "none"); }), Contains("cannot open") && Contains("none"));
  CHECK_THAT(message_of([&] { sseg::read_file(folder.path()); }), Contains("not a regular file"));
  CHECK_THAT(message_of([&] { sseg::read_file("/dev/zero"); }), Contains("not a regular file"));
}

}  // namespace files_test
