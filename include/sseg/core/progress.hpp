#pragma once
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "sseg/core/shape.hpp"

namespace sseg {

/// "1:07" or "2:03:40"
inline std::string clock_text(double seconds) {
  const auto s = static_cast<long>(std::max(0.0, seconds));
  char text[32];
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

/// A progress bar with time left. On a terminal it redraws one line, at most ten times a second; in a pipe or a file it
/// prints plain lines, at most one every `plain_seconds`.
class ProgressBar {
 public:
  explicit ProgressBar(std::string title, Index total, std::FILE* out = stdout, double plain_seconds = 10)
      : title_(std::move(title)),
        total_(std::max<Index>(total, 1)),
        out_(out),
        terminal_(isatty(fileno(out)) != 0),
        pause_(terminal_ ? 0.1 : plain_seconds) {}

  /// Whether `update` would show anything now: ask before building a note.
  bool due(Index done) const { return seconds() - last_ >= pause_ || done >= total_; }

  /// `done` of `total` so far; `note` is shown behind the bar. `first` done at the start of this run count as free.
  void update(Index done, const std::string& note, Index first = 0) {
    if (!due(done)) return;
    const double passed = seconds();
    last_ = passed;
    const double rate = passed > 0 ? static_cast<double>(done - first) / passed : 0;
    const double left = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
    const std::string time = done < total_ ? clock_text(left) + " left" : clock_text(passed);
    if (terminal_)
      draw(done, note, time);
    else
      std::fprintf(out_, "%s %td/%td  %s  %s\n", title_.c_str(), done, total_, time.c_str(), note.c_str());
    if (terminal_ && done >= total_) std::fputc('\n', out_);
    std::fflush(out_);
  }

  /// Prints a line of its own; the bar comes back below it.
  void say(const std::string& line) {
    std::fprintf(out_, "%s%s\n", terminal_ ? "\r\033[K" : "", line.c_str());
    std::fflush(out_);
    last_ = -1e9;
  }

  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  void draw(Index done, const std::string& note, const std::string& time) {
    constexpr Index cells = 24;
    const Index filled = cells * done / total_;
    std::string bar(to_size(filled), '=');
    bar.resize(to_size(cells), ' ');
    std::fprintf(out_, "\r\033[K%s [%s] %td/%td  %s  %s", title_.c_str(), bar.c_str(), done, total_, time.c_str(),
                 note.c_str());
  }

  std::string title_;
  Index total_;
  std::FILE* out_;
  bool terminal_;
  double pause_;
  double last_ = -1e9;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace sseg
