#include "sseg/io/archive.hpp"

#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/make_tar.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace archive_test {

using sseg::ArchiveReader;
using sseg::Index;
using sseg_test::Contains;
using sseg_test::make_tar;
using sseg_test::message_of;
using sseg_test::Packing;

namespace {

/// "path=bytes" of every file, "path/" of every folder.
std::vector<std::string> entries(const std::string& tar, sseg::ArchiveLimits limits = {}) {
  ArchiveReader reader(tar, "a.tar", limits);
  std::vector<std::string> found;
  while (reader.next()) found.push_back(reader.path() + (reader.is_folder() ? "/" : "=" + reader.read(1 << 20)));
  return found;
}

std::string refusal(const std::string& tar, sseg::ArchiveLimits limits = {}) {
  return message_of([&] { entries(tar, limits); });
}

const std::vector<Packing> packings{Packing::none, Packing::gzip, Packing::bzip2, Packing::xz};

}  // namespace

TEST_CASE("a tar is read with every packing") {
  const std::string large(70'000, 'z');
  for (const Packing packing : packings)
    CHECK(entries(make_tar({{"./d/"}, {"./d/large", large}, {"x", "hello"}, {"empty"}}, packing)) ==
          std::vector<std::string>{"d/", "d/large=" + large, "x=hello", "empty="});
}

TEST_CASE("a tar is read from a file and names the entry that is too large") {
  const sseg_test::TempFolder folder;
  folder.add("a.tar.gz", make_tar({{"x", "hello"}, {"y", "more"}}, Packing::gzip));
  ArchiveReader reader(folder / "a.tar.gz");
  REQUIRE(reader.next());
  CHECK(reader.size() == 5);
  CHECK_THAT(message_of([&] { reader.read(4); }), Contains("limit of 4 bytes") && Contains("a.tar.gz:x"));
  REQUIRE(reader.next());  // what was not read is passed over
  CHECK(reader.read(4) == "more");
  CHECK_FALSE(reader.next());
}

TEST_CASE("names in a tar are kept in UTF-8 whatever the locale") {
  CHECK(entries(make_tar({{"Ä/日本.png", "1"}, {"Ö", "2"}})) == std::vector<std::string>{"Ä/日本.png=1", "Ö=2"});
}

TEST_CASE("links in a tar are not followed") {
  CHECK(entries(make_tar({{"l", "", "/etc/passwd"}, {"x", "1"}})) == std::vector<std::string>{"x=1"});
}

TEST_CASE("a hard link in a tar is refused, since its picture would be missing without a word") {
  CHECK_THAT(refusal(make_tar({{"a", "bytes"}, {.path = "b", .hard = "a"}})),
             Contains("a.tar:b") && Contains("hard link") && Contains("--hard-dereference"));
}

TEST_CASE("a tar that is cut between two entries is not taken for a shorter one") {
  const std::string tar = make_tar({{"a", std::string(512, 'a')}, {"b", std::string(512, 'b')}});
  const std::string first = tar.substr(0, 1024);  // a header and its one block
  CHECK(entries(tar).size() == 2);
  CHECK_THAT(refusal(first), Contains("no end mark"));
  CHECK_THAT(refusal(sseg_test::pack(first, Packing::gzip)), Contains("no end mark"));
}

TEST_CASE("a tar whose paths leave its folder is refused and the entry named") {
  CHECK_THAT(refusal(make_tar({{"ok", "1"}, {"a/../../x", "1"}})), Contains("climbs") && Contains("a.tar:a/../../x"));
  CHECK_THAT(refusal(make_tar({{"..", "1"}})), Contains("climbs"));
  CHECK_THAT(refusal(make_tar({{"a\\..\\x", "1"}})), Contains("climbs"));
  CHECK_THAT(refusal(make_tar({{"/etc/x", "1"}})), Contains("absolute") && Contains("a.tar:/etc/x"));
  CHECK_THAT(refusal(make_tar({{"C:\\x", "1"}})), Contains("absolute"));
  CHECK(refusal(make_tar({{"a..b/..c", "1"}})).empty());
}

TEST_CASE("a tar bomb is stopped at the limits") {
  const std::string bomb = make_tar({{"a", std::string(5'000'000, '\0')}, {"b", "12"}}, Packing::xz);
  CHECK(bomb.size() < 5000);
  CHECK_THAT(refusal(bomb), Contains("limit of 1048576 bytes") && Contains("a.tar:a"));
  CHECK_THAT(refusal(bomb, {100, 4'999'999}), Contains("limit of 4999999 bytes") && Contains("a.tar:a"));
  CHECK_THAT(refusal(make_tar({{"a", "123"}, {"b", "45"}}), {100, 4}), Contains("limit of 4 bytes") && Contains(":b"));
  CHECK_THAT(refusal(make_tar({{"a"}, {"b"}, {"c"}}), {2, 100}), Contains("more than 2 entries"));
  const std::string twice = sseg_test::pack(sseg_test::pack(make_tar({{"a", "1"}}), Packing::xz), Packing::gzip);
  CHECK_THAT(refusal(twice), Contains("compressed more than once"));
}

TEST_CASE("a tar whose header claims a huge entry is refused before memory is taken") {
  std::string tar = make_tar({{"a", "123"}});
  tar.replace(124, 12, "77777777777\0", 12);  // 8 GiB - 1; then the header's own sum
  unsigned sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i)
    if (i < 148 || i >= 156) sum += static_cast<unsigned char>(tar[i]);
  for (int i = 5; i >= 0; --i, sum /= 8) tar[148 + sseg::to_size(i)] = static_cast<char>('0' + sum % 8);
  CHECK_THAT(refusal(tar), Contains("limit of 1048576 bytes"));
  ArchiveReader reader(tar, "a.tar");
  REQUIRE(reader.next());
  CHECK_THAT(message_of([&] { reader.read(Index{1} << 40); }), Contains("a.tar:a"));  // truncated
}

TEST_CASE("what is no tar or missing is an error") {
  const sseg_test::TempFolder folder;
  CHECK_THAT(message_of([&] { ArchiveReader{folder / "none.tar"}; }), Contains("no such file"));
  CHECK_THAT(message_of([&] { ArchiveReader{folder.path()}; }), Contains("not a regular file"));
  CHECK_THAT(refusal("this is no archive"), Contains("cannot open the archive"));
  CHECK_FALSE(refusal("").empty());
}

TEST_CASE("truncated and damaged tars do no harm") {
  for (const Packing packing : packings) {
    const std::string tar = make_tar({{"x", "some text, some text"}, {"y", "more"}}, packing);
    for (std::size_t n = 0; n < tar.size(); n += 1 + tar.size() / 300)
      CHECK(sseg_test::ends_well([&] { entries(tar.substr(0, n)); }));
    for (std::size_t i = 0; i < tar.size(); i += 1 + tar.size() / 300) {
      std::string changed = tar;
      changed[i] = static_cast<char>(changed[i] ^ 0x41);
      CHECK(sseg_test::ends_well([&] { entries(changed); }));
    }
  }
}

TEST_CASE("one packed file is unpacked and a plain one read as it is") {
  const sseg_test::TempFolder folder;
  const std::string text(100'000, 'q');
  for (const Packing packing : packings) {
    folder.add("x", packing == Packing::none ? text : sseg_test::pack(text, packing));
    CHECK(sseg::read_unpacked_file(folder / "x", 100'000) == text);
    CHECK(sseg::read_unpacked_start(folder / "x", 7) == "qqqqqqq");
    CHECK_THAT(message_of([&] { sseg::read_unpacked_file(folder / "x", 99'999); }), Contains("limit of 99999"));
  }
  folder.add("empty", "");
  CHECK(sseg::read_unpacked_file(folder / "empty", 10).empty());
  CHECK(sseg::read_unpacked_start(folder / "empty", 10).empty());
  CHECK_THAT(message_of([&] { sseg::read_unpacked_file(folder / "none", 10); }), Contains("no such file"));
}

TEST_CASE("a truncated gz file is an error") {
  const sseg_test::TempFolder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i * i);
  const std::string packed = sseg_test::pack(text, Packing::gzip);
  for (const std::size_t n : {packed.size() / 2, packed.size() - 1, packed.size() - 8, packed.size() - 9}) {
    folder.add("x.gz", packed.substr(0, n));
    CHECK_THAT(message_of([&] { sseg::read_unpacked_file(folder / "x.gz", 1 << 20); }), Contains("x.gz"));
  }
}

TEST_CASE("a damaged gz is an error, whatever was damaged") {
  const sseg_test::TempFolder folder;
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::to_string(i * 7919 % 10007);
  const std::string packed = sseg_test::pack(text, Packing::gzip);
  const auto read = [&](const std::string& bytes) {
    folder.add("x.gz", bytes);
    return sseg::read_unpacked_file(folder / "x.gz", 1 << 20);
  };
  REQUIRE(read(packed) == text);
  const auto damaged = [&](std::size_t place) {
    std::string bytes = packed;
    bytes[place] = static_cast<char>(bytes[place] ^ 1);
    return message_of([&] { read(bytes); });
  };
  CHECK_THAT(damaged(packed.size() - 1), Contains("incorrect length check") && Contains("x.gz"));
  CHECK_THAT(damaged(packed.size() - 5), Contains("incorrect data check") && Contains("fetch it again"));
  for (std::size_t place = 10; place < packed.size(); ++place) CHECK_THAT(damaged(place), Contains("x.gz"));
}

TEST_CASE("a gz of several members is read whole, and nothing but zeros may follow") {
  const sseg_test::TempFolder folder;
  const std::string first = sseg_test::pack("first, ", Packing::gzip),
                    second = sseg_test::pack("second", Packing::gzip);
  const auto read = [&](const std::string& bytes) {
    folder.add("x.gz", bytes);
    return sseg::read_unpacked_file(folder / "x.gz", 100);
  };
  CHECK(read(first + second) == "first, second");
  CHECK(read(first + std::string(9, '\0') + second + std::string(600, '\0')) == "first, second");
  CHECK_THAT(message_of([&] { read(first + "more"); }), Contains("x.gz") && Contains("incorrect header check"));
  std::string wrong = first + second;
  wrong[first.size() - 5] = static_cast<char>(wrong[first.size() - 5] ^ 1);  // of the first
  CHECK_THAT(message_of([&] { read(wrong); }), Contains("incorrect data check"));
}

TEST_CASE("a damaged tar.gz is found out at its end at the latest") {
  const sseg_test::TempFolder folder;
  // Larger than what is unpacked at a time, so that entries come before the damage is known.
  sseg::Rng rng(3);
  std::string noise(200'000, ' ');
  for (char& c : noise) c = static_cast<char>(rng.below(256));
  const std::string tar = make_tar({{"a", noise}, {"b", "12"}}, Packing::gzip);
  for (const std::size_t from_end : {std::size_t{1}, std::size_t{5}}) {
    std::string bytes = tar;
    bytes[bytes.size() - from_end] = static_cast<char>(bytes[bytes.size() - from_end] ^ 1);
    CHECK_THAT(refusal(bytes), Contains("a.tar") && Contains("incorrect"));
    folder.add("a.tar.gz", bytes);
    CHECK_THAT(message_of([&] {
                 ArchiveReader reader(folder / "a.tar.gz");
                 while (reader.next()) {
                 }
               }),
               Contains("a.tar.gz") && Contains("incorrect"));
  }
  CHECK_THAT(refusal(tar.substr(0, tar.size() - 4)), Contains("cut short"));
  const std::string twice = sseg_test::pack(tar, Packing::gzip);
  CHECK_THAT(refusal(twice), Contains("compressed more than once"));
}

}  // namespace archive_test
