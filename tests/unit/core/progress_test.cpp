#include "sseg/core/progress.hpp"

#include "support/captured_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"

using sseg::ProgressBar;
using sseg_test::CapturedFile;
using sseg_test::Contains;

TEST_CASE("seconds as a clock shows them") {
  CHECK(sseg::clock_text(0) == "0:00");
  CHECK(sseg::clock_text(59.99) == "0:59");
  CHECK(sseg::clock_text(67) == "1:07");
  CHECK(sseg::clock_text(3599) == "59:59");
  CHECK(sseg::clock_text(3600) == "1:00:00");
  CHECK(sseg::clock_text(2 * 3600 + 3 * 60 + 40) == "2:03:40");
  CHECK(sseg::clock_text(-5) == "0:00");
}

TEST_CASE("without a terminal a bar is plain lines") {
  CapturedFile out;
  ProgressBar bar("work", 10, out.file(), 0);
  bar.update(3, "a note");
  CHECK_THAT(out.text(), Contains("work 3/10  "));
  CHECK_THAT(out.text(), Contains(" left  a note\n"));
  bar.update(10, "done");
  const std::string text = out.text();
  CHECK_THAT(text, Contains("work 10/10  0:00  done\n"));
  CHECK(text.find_first_of("\r\033[") == std::string::npos);
}

TEST_CASE("plain lines keep their distance, but the last one is always printed") {
  CapturedFile out;
  ProgressBar bar("work", 4, out.file(), 3600);
  bar.update(1, "first");
  bar.update(2, "second");
  bar.update(3, "third");
  bar.update(4, "last");
  const std::string text = out.text();
  CHECK_THAT(text, Contains("first"));
  CHECK(text.find("second") == std::string::npos);
  CHECK(text.find("third") == std::string::npos);
  CHECK_THAT(text, Contains("last"));
}

TEST_CASE("a line of its own is printed at once, and the bar comes back after it") {
  CapturedFile out;
  ProgressBar bar("work", 9, out.file(), 3600);
  bar.update(1, "before");
  bar.say("something happened");
  bar.update(2, "after");
  const std::string text = out.text();
  CHECK_THAT(text, Contains("\nsomething happened\nwork 2/9"));
  CHECK(text.find('\033') == std::string::npos);
}

TEST_CASE("a bar over nothing does not divide by it") {
  CapturedFile out;
  ProgressBar bar("work", 0, out.file(), 0);
  bar.update(0, "");
  bar.update(1, "");
  CHECK_THAT(out.text(), Contains("work 1/1"));
}
