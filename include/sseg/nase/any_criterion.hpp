#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/meta/named.hpp"
#include "sseg/nase/criteria.hpp"

namespace sseg {

/// A criterion chosen by name at run time: gradient, taylor, taylor_gate, magnitude, snip or random. Itself a
/// criterion.
class AnyCriterion {
 public:
  AnyCriterion() = default;
  /// `seed` is the random control's. Throws: Error naming the choices.
  explicit AnyCriterion(std::string name, std::uint64_t seed = 0) : name_(std::move(name)), seed_(seed) {
    if (!with([](const auto&) {}))
      throw Error("no importance '" + name_ + "'", "importance",
                  "give gradient, taylor, taylor_gate, magnitude, snip or random");
  }
  bool operator==(const AnyCriterion&) const = default;

  std::string_view chosen() const { return name_; }
  ScoreMemory memory() const {
    ScoreMemory m{};
    with([&](const auto& c) { m = c.memory(); });
    return m;
  }
  ChannelScore channel_score() const {
    ChannelScore s{};
    with([&](const auto& c) { s = c.channel_score(); });
    return s;
  }
  /// Of the one that was chosen.
  std::optional<ImportanceScore> score_operation() const {
    std::optional<ImportanceScore> o;
    with([&](const auto& c) { o = operation_of(c); });
    return o;
  }
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    with([&](const auto& c) { c.score(store, tensors, out); });
  }

 private:
  template <class F>
  bool with(F&& f) const {
    const std::tuple all{GradientMagnitude{}, TaylorWeight{}, TaylorGate{}, Magnitude{}, Snip{}, RandomScore{seed_}};
    return with_named(all, name_, f);
  }

  std::string name_ = std::string(TaylorWeight::name);
  std::uint64_t seed_ = 0;
};

}  // namespace sseg
