#pragma once
#include <concepts>
#include <span>
#include <string_view>

#include "sseg/concepts/backend.hpp"
#include "sseg/concepts/scheduler.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Which pictures of a batch a loss looks at: the first two global views; all global views; these and then the local
/// ones; or the rotated copies.
enum class Sees { pair, global, crops, rotated };

/// What a loss sees: a head's outputs for the views of a batch, view after view, and where their gradient goes.
template <class T>
struct LossArgs {
  View<const T> z;                  ///< (views·N, D)
  View<T> dz;                       ///< ∂loss/∂z, overwritten
  std::span<const Index> positive;  ///< per row of the first two views, the row of the other one
  std::span<T> scratch;             ///< `scratch(z.shape)`
  View<const T> teacher{};          ///< (2N, D), the teacher's outputs for the first two views, if `needs_teacher`
  std::span<T> memory{};            ///< `memory(z.shape)` values carried from step to step; all zero at first
  Index images = 0;                 ///< N; 0: half the rows
  Progress at{};                    ///< for schedules inside the loss
  double* sum = nullptr;            ///< where not null: lies where tensors do, and the loss may add its value to it
};

/// A loss on the outputs of a head. Law (tests/laws/loss_law.hpp): dz is the gradient of the returned value, or, where
/// `sum` is given, of what is returned and what is added to `*sum` together. A loss that adds all there, as its
/// operations do when they are given `sum`, lets a device go on: nobody waits for the value.
/// Optional members: `static constexpr Sees sees` (default: pair), `static constexpr bool needs_teacher` (default:
/// false), `Index memory(Shape z) const` (default: none), `static constexpr bool mean_over_images` (default: false).
template <class L, class B>
concept LossTerm = std::regular<L> && Backend<B> &&
    requires(const L l, B& backend, const LossArgs<typename B::Scalar>& a, Shape s) {
  { L::name } -> std::convertible_to<std::string_view>;
  { l.scratch(s) } -> std::same_as<Index>;
  { l(backend, a) } -> std::same_as<double>;
};

template <class L>
inline constexpr Sees sees_of = [] {
  if constexpr (requires { L::sees; })
    return L::sees;
  else
    return Sees::pair;
}();
template <class L>
inline constexpr bool needs_teacher = [] {
  if constexpr (requires { L::needs_teacher; })
    return L::needs_teacher;
  else
    return false;
}();
/// Is the loss a mean of what each image comes to by itself, and what it remembers moved by such a mean? Then several
/// processes may each run it on their part of a batch (train/global_loss.hpp).
template <class L>
inline constexpr bool mean_over_images = [] {
  if constexpr (requires { L::mean_over_images; })
    return L::mean_over_images;
  else
    return false;
}();
/// A loss that compares rows and adds up over them, so that several processes may each do its own: see NtXent.
template <class L, class B>
concept AddsUpOverRows = requires(const L l, B& b, const LossArgs<typename B::Scalar>& a,
                                  View<const typename B::Scalar> all, View<typename B::Scalar> d, Index i, Shape s) {
  { l.part_scratch(s, s) } -> std::same_as<Index>;
  { l.part(b, a, all, i, d) } -> std::same_as<double>;
  l.finish_part(b, a, all, i, d);
};
template <class L>
constexpr Index memory_of(const L& loss, Shape z) {
  if constexpr (requires { loss.memory(z); })
    return loss.memory(z);
  else
    return 0;
}

}  // namespace sseg
