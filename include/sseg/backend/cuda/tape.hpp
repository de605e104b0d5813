#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "sseg/backend/cuda/stream.hpp"

namespace sseg::cuda {

/// Work for a stream that is noted down and not yet given: which call, and its arguments. Two tapes are equal when
/// playing them gives a stream the same work on the same memory. Keeps no hold of what its pointers point to.
class Tape {
  template <class A>
  static constexpr std::size_t size = sizeof(A);  // NOLINT(bugprone-sizeof-expression): a pointer is meant

 public:
  /// The arguments of an entry, in the order in which they were noted.
  class Words {
   public:
    explicit Words(std::span<const std::uint64_t> words) : words_(words) {}
    template <class A>
    A next() {
      A value;
      std::memcpy(&value, words_.data(), size<A>);
      words_ = words_.subspan(1);
      return value;
    }
    /// Those that are left, each at the beginning of a word.
    std::span<const std::uint64_t> rest() const { return words_; }

   private:
    std::span<const std::uint64_t> words_;
  };
  /// Gives one entry's work to a stream. Throws: Error when that is refused.
  using Play = void (*)(const Stream&, Words);

  /// Arguments are pointers and numbers.
  template <class... A>
  void note(Play how, const A&... arguments) {
    words_.push_back(word_of(how));
    words_.push_back(sizeof...(A));
    (words_.push_back(word_of(arguments)), ...);
    ++entries_;
  }

  /// Gives all work to the stream, in order. Throws: Error at the first that is refused.
  void play(const Stream& stream) const {
    for (std::span<const std::uint64_t> left(words_); !left.empty();) {
      Words header(left.first(2));
      const auto play_one = header.next<Play>();
      const auto count = static_cast<std::size_t>(header.next<std::uint64_t>());
      play_one(stream, Words(left.subspan(2, count)));
      left = left.subspan(2 + count);
    }
  }

  /// One of the entries, or several together, is a message to other processes.
  void count_message() { ++messages_; }

  bool empty() const { return words_.empty(); }
  std::size_t entries() const { return entries_; }
  std::size_t messages() const { return messages_; }
  void clear() {
    words_.clear();
    entries_ = messages_ = 0;
  }
  /// Equal tapes have equal sums; others hardly ever (FNV-1a by words).
  std::uint64_t sum() const {
    std::uint64_t h = 1469598103934665603u;
    for (const std::uint64_t word : words_) {
      h = (h ^ word) * 1099511628211u;
      h ^= h >> 29;
    }
    return h;
  }
  bool operator==(const Tape&) const = default;

 private:
  template <class A>
  static std::uint64_t word_of(const A& value) {
    static_assert(std::is_trivially_copyable_v<A> && size<A> <= sizeof(std::uint64_t));
    std::uint64_t word = 0;
    std::memcpy(&word, &value, size<A>);
    return word;
  }

  std::vector<std::uint64_t> words_;
  std::size_t entries_ = 0, messages_ = 0;
};

}  // namespace sseg::cuda
