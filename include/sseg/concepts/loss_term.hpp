#pragma once
#include <concepts>
#include <span>
#include <string_view>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// What a loss sees: the outputs of all views stacked, view after view, and where their gradient goes.
template <class T>
struct LossArgs {
  View<const T> z;                  ///< (views·N, D)
  View<T> dz;                       ///< ∂loss/∂z, overwritten
  std::span<const Index> positive;  ///< per row, the row of another view of the same image
  std::span<T> scratch;             ///< `scratch(z.shape)`
};

/// A loss on the outputs of `views` augmented views of one batch. Law: dz is the gradient of the returned value.
template <class L, class B>
concept LossTerm = std::regular<L> && Backend<B> &&
    requires(const L l, B& backend, const LossArgs<typename B::Scalar>& a, Shape s) {
  { L::name } -> std::convertible_to<std::string_view>;
  { L::views } -> std::convertible_to<int>;
  { l.scratch(s) } -> std::same_as<Index>;
  { l(backend, a) } -> std::same_as<double>;
};

}  // namespace sseg
