#pragma once
#include <concepts>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "sseg/backend/freeze.hpp"
#include "sseg/backend/ops.hpp"

namespace sseg {

/// Two backends as one: each operation goes to `First` where that serves it, else to `Second`, and is then counted. So
/// a slow path is never silent: `fallbacks()` belongs in the report of a run. Joint operations are `First`'s or
/// nobody's: its own single ones come before the joint ones of `Second`.
template <Backend First, Backend Second>
class Prefer {
  static_assert(std::same_as<typename First::Space, typename Second::Space>,
                "sseg::Prefer: both backends must keep their tensors in the same memory space (B::Space).");
  static_assert(std::same_as<typename First::Scalar, typename Second::Scalar>,
                "sseg::Prefer: both backends must compute in the same scalar type (B::Scalar).");

 public:
  static constexpr std::string_view name = "prefer";
  using Scalar = typename First::Scalar;
  using Space = typename First::Space;

  Prefer() requires std::default_initializable<First> && std::default_initializable<Second>
  = default;
  explicit Prefer(First first, Second second = Second{}) : first_(std::move(first)), second_(std::move(second)) {}

  /// Builds `First` in place from the arguments, `Second` by default: for backends that cannot be moved.
  template <class... Args>
  explicit Prefer(std::in_place_t, Args&&... args) : first_(std::forward<Args>(args)...), second_() {}

  /// Builds both in place from their arguments, as std::pair does.
  template <class... A, class... B>
  Prefer(std::piecewise_construct_t, std::tuple<A...> first, std::tuple<B...> second)
      : first_(std::make_from_tuple<First>(std::move(first))),
        second_(std::make_from_tuple<Second>(std::move(second))) {}

  /// The team of `First`, for host-side work beside the operations.
  decltype(auto) threads() requires requires(First& f) { f.threads(); }
  { return first_.threads(); }

  /// Both are told; what is returned holds for both.
  auto freeze(std::span<const Scalar> weights) requires(Freezes<First> || Freezes<Second>) {
    return std::pair(freeze_weights(first_, weights), freeze_weights(second_, weights));
  }

  /// Where the arrays of both lie.
  decltype(auto) memory() requires HasMemory<First> { return first_.memory(); }

  First& first() { return first_; }
  Second& second() { return second_; }
  /// Operations that `First` did not take.
  Index fallbacks() const { return fallbacks_; }

  /// Whether `Second` is asked at all.
  template <class Op>
  static constexpr bool falls_back = Serves<Second, Op> && !Joint<Op>;

  template <class Op>
  requires(Serves<First, Op> || falls_back<Op>) bool can(const Op& op) {
    if constexpr (Serves<First, Op>)
      if (first_.can(op)) return true;
    if constexpr (falls_back<Op>) return second_.can(op);
    return false;
  }

  template <class Op>
  requires(Serves<First, Op> || falls_back<Op>) void run(const Op& op) {
    if constexpr (Serves<First, Op>) {
      if constexpr (!falls_back<Op>) return first_.run(op);
      if (first_.can(op)) return first_.run(op);
    }
    if constexpr (falls_back<Op>) {
      ++fallbacks_;
      second_.run(op);
    }
  }

 private:
  First first_;
  Second second_;
  Index fallbacks_ = 0;
};

}  // namespace sseg
