#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/backend/cuda/graph.hpp"
#include "sseg/backend/cuda/graph_use.hpp"
#include "sseg/backend/cuda/partners.hpp"

namespace sseg::cuda {

/// The graphs of one stream. A tape is played as it is when it is seen for the first time, which also loads whatever
/// the libraries load at their first call; the second time it is captured, and from then on its graph is launched.
/// Since a graph is launched for an equal tape only, it never does anything else than playing would: other addresses
/// after a mutation, another batch or other numbers in a call are another tape. The graphs used last are kept.
/// With a tape that has messages to other processes, all of them do the same (Partners).
class GraphCache {
 public:
  static constexpr std::size_t most_kept = 16, most_remembered = 64;

  /// `say`: where a failure is told that one can live with; null: nowhere.
  GraphCache(GraphUse use, std::FILE* say) : use_(use), say_(say) {}

  GraphUse use() const { return use_; }
  /// No tape becomes a graph any more.
  bool given_up() const { return given_up_; }

  /// Gives the tape's work to the stream. Throws: Error when the work is refused or, where graphs are on, a capture.
  void give(const Stream& stream, const Tape& tape, Partners* partners = nullptr) {
    const std::uint64_t sum = tape.sum();
    auto at = find(tape, sum);
    Way way = at != kept_.end() ? Way::launch : may_capture(sum) ? Way::capture : Way::play;
    if (partners != nullptr) way = partners->agree(way, at != kept_.end() ? at->number : 0, tape.messages());
    if (way == Way::capture) {
      if (at != kept_.end()) kept_.erase(at);
      at = capture(stream, tape, sum, partners);
    }
    if (way == Way::play || at == kept_.end()) {
      if (partners != nullptr)
        partners->play([&] { tape.play(stream); });
      else
        tape.play(stream);
      ++played_;
    } else {
      if (partners != nullptr)
        partners->watch_over([&] { at->graph.launch(stream); });
      else
        at->graph.launch(stream);
      ++launched_;
    }
  }
  /// Before something that graphs use goes away, as a plan of cuDNN or a communicator.
  void forget() noexcept {
    kept_.clear();
    seen_ = {};
  }
  /// There are to be no graphs, `because` of the way in which the device is used. Throws: Error where they are on.
  void rule_out(std::string_view because, std::string_view cure) {
    if (use_ == GraphUse::on)
      throw Error("steps cannot go to the device as CUDA graphs: " + std::string(because), "cuda_graph",
                  std::string(cure));
    if (use_ == GraphUse::automatic) say("because " + std::string(because));
    use_ = GraphUse::off;
  }

  std::size_t captured() const { return captured_; }
  /// Tapes that went to the device as graphs, and those that did call by call.
  std::size_t launched() const { return launched_; }
  std::size_t played() const { return played_; }

 private:
  using Way = Partners::Way;
  struct Kept {
    std::uint64_t sum, number;
    Tape tape;
    Graph graph;
  };

  std::list<Kept>::iterator find(const Tape& tape, std::uint64_t sum) {
    const auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return k.sum == sum && k.tape == tape; });
    if (found != kept_.end()) kept_.splice(kept_.begin(), kept_, found);
    return found;
  }
  /// From the second time on.
  bool may_capture(std::uint64_t sum) {
    if (use_ == GraphUse::off || given_up_) return false;
    if (std::find(seen_.begin(), seen_.end(), sum) != seen_.end()) return true;
    seen_[next_] = sum;
    next_ = (next_ + 1) % seen_.size();
    return false;
  }
  /// The end where it does not succeed, here or on another rank, and one can live with that.
  std::list<Kept>::iterator capture(const Stream& stream, const Tape& tape, std::uint64_t sum, Partners* partners) {
    std::optional<Graph> graph;
    std::exception_ptr failure;
    std::string why = "another rank could not capture its part";
    try {
      const auto note = [&] { graph.emplace(stream, tape); };
      if (partners != nullptr)
        partners->capture(note);
      else
        note();
    } catch (const Error& e) {
      failure = std::current_exception();
      why = std::string("for they could not be captured: ") + e.what();
    }
    if (partners != nullptr) ++together_;
    if (partners != nullptr ? partners->all(graph.has_value()) : graph.has_value()) {
      kept_.push_front({sum, partners != nullptr ? together_ : 0, tape, std::move(*graph)});
      ++captured_;
      if (kept_.size() > most_kept) kept_.pop_back();
      return kept_.begin();
    }
    if (use_ == GraphUse::on && failure) std::rethrow_exception(failure);
    require(use_ != GraphUse::on, why.c_str(), "CUDA graph of a step", "see what that rank says");
    given_up_ = true;
    say(why);
    return kept_.end();
  }
  void say(const std::string& why) const {
    if (say_ != nullptr) std::fprintf(say_, "cuda: steps go to the device call by call, %s\n", why.c_str());
  }

  GraphUse use_;
  std::FILE* say_;
  bool given_up_ = false;
  std::list<Kept> kept_;
  std::array<std::uint64_t, most_remembered> seen_{};
  std::uint64_t together_ = 0;  ///< captures in which all ranks took part, those that failed too
  std::size_t next_ = 0, captured_ = 0, launched_ = 0, played_ = 0;
};

}  // namespace sseg::cuda
