#include "sseg/core/progress.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "support/captured_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"

namespace progress_test {

using sseg::ProgressBar;
using sseg_test::CapturedFile;
using sseg_test::Contains;

namespace {
/// A terminal that nobody looks at: what is printed to `file()` can be read back.
class PseudoTerminal {
 public:
  PseudoTerminal() : reader_(posix_openpt(O_RDWR | O_NOCTTY)) {
    if (reader_ < 0 || grantpt(reader_) != 0 || unlockpt(reader_) != 0) return;
    const char* name = ptsname(reader_);
    const int terminal = name ? open(name, O_RDWR | O_NOCTTY) : -1;
    if (terminal < 0) return;
    // Output as it was printed, no line end changed.
    termios mode{};
    if (tcgetattr(terminal, &mode) == 0) {
      mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
      tcsetattr(terminal, TCSANOW, &mode);
    }
    file_ = fdopen(terminal, "w");
    if (!file_) close(terminal);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    if (file_) std::fclose(file_);
    if (reader_ >= 0) close(reader_);
  }

  std::FILE* file() { return file_; }  ///< null where no terminal can be opened

  /// All that is printed up to `end`, or what came in five seconds without it.
  std::string text_to(const std::string& end) {
    std::string all;
    std::array<char, 256> piece{};
    for (pollfd wait{reader_, POLLIN, 0}; !all.ends_with(end) && poll(&wait, 1, 5000) > 0;) {
      const ssize_t n = read(reader_, piece.data(), piece.size());
      if (n <= 0) break;
      all.append(piece.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  int reader_;
  std::FILE* file_ = nullptr;
};
}  // namespace

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

TEST_CASE("on a terminal the bar redraws its line and ends it") {
  PseudoTerminal terminal;
  if (!terminal.file()) SSEG_SKIP("no pseudo terminal can be opened here");
  ProgressBar bar("work", 8, terminal.file(), 3600);
  bar.update(2, "a note");
  bar.say("something happened");
  bar.update(4, "half");
  bar.update(8, "done");
  const std::string text = terminal.text_to("done\n");
  const std::string redraw = "\r\033[K";
  CHECK(text.rfind(redraw + "work [======                  ] 2/8  ", 0) == 0);
  CHECK_THAT(text, Contains(" left  a note" + redraw + "something happened\n" + redraw));
  CHECK_THAT(text, Contains(redraw + "work [============            ] 4/8  "));
  CHECK_THAT(text, Contains(" left  half" + redraw + "work [========================] 8/8  0:0"));
  CHECK(text.ends_with("  done\n"));
}

}  // namespace progress_test
