#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <list>
#include <string>
#include <utility>

#include "sseg/backend/cuda/graph.hpp"
#include "sseg/backend/cuda/graph_use.hpp"

namespace sseg::cuda {

/// The graphs of one stream. A tape is played as it is when it is seen for the first time, which also loads whatever
/// the libraries load at their first call; the second time it is captured, and from then on its graph is launched.
/// Since a graph is launched for an equal tape only, it never does anything else than playing would: other addresses
/// after a mutation, another batch or other numbers in a call are another tape. The graphs used last are kept.
class GraphCache {
 public:
  static constexpr std::size_t most_kept = 16, most_remembered = 64;

  /// `say`: where a failure is told that one can live with; null: nowhere.
  GraphCache(GraphUse use, std::FILE* say) : use_(use), say_(say) {}

  GraphUse use() const { return use_; }

  /// Gives the tape's work to the stream. Throws: Error when the work is refused or, where graphs are on, a capture.
  void give(const Stream& stream, const Tape& tape) {
    if (const Graph* const graph = find(stream, tape)) {
      graph->launch(stream);
      ++launched_;
    } else {
      tape.play(stream);
      ++played_;
    }
  }
  /// Before something that graphs use goes away, as a plan of cuDNN.
  void forget() {
    kept_.clear();
    seen_ = {};
  }

  std::size_t captured() const { return captured_; }
  /// Tapes that went to the device as graphs, and those that did call by call.
  std::size_t launched() const { return launched_; }
  std::size_t played() const { return played_; }

 private:
  struct Kept {
    std::uint64_t sum;
    Tape tape;
    Graph graph;
  };

  const Graph* find(const Stream& stream, const Tape& tape) {
    if (use_ == GraphUse::off) return nullptr;
    const std::uint64_t sum = tape.sum();
    const auto found =
        std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return k.sum == sum && k.tape == tape; });
    if (found != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, found);
      return &found->graph;
    }
    if (!seen_before(sum)) return nullptr;
    return capture(stream, tape, sum);
  }
  bool seen_before(std::uint64_t sum) {
    if (std::find(seen_.begin(), seen_.end(), sum) != seen_.end()) return true;
    seen_[next_] = sum;
    next_ = (next_ + 1) % seen_.size();
    return false;
  }
  const Graph* capture(const Stream& stream, const Tape& tape, std::uint64_t sum) {
    try {
      kept_.push_front({sum, tape, Graph(stream, tape)});
    } catch (const Error& e) {
      if (use_ == GraphUse::on) throw;
      use_ = GraphUse::off;
      if (say_ != nullptr)
        std::fprintf(say_, "cuda: steps go to the device call by call, for they could not be captured: %s\n", e.what());
      return nullptr;
    }
    ++captured_;
    if (kept_.size() > most_kept) kept_.pop_back();
    return &kept_.front().graph;
  }

  GraphUse use_;
  std::FILE* say_;
  std::list<Kept> kept_;
  std::array<std::uint64_t, most_remembered> seen_{};
  std::size_t next_ = 0, captured_ = 0, launched_ = 0, played_ = 0;
};

}  // namespace sseg::cuda
