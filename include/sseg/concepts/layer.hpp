#pragma once
#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// Training uses the statistics of the batch, evaluation the running ones.
enum class Mode { train, eval };

/// How a parameter starts: `constant` value, or normal with standard deviation `scale` (He et al. 2015:
/// sqrt(2/fan_in)).
struct Init {
  enum class Kind { constant, normal } kind = Kind::constant;
  float scale = 0.f;
  bool operator==(const Init&) const = default;
};

/// `param` is trained; `state` is carried along (running statistics of a batch norm).
enum class Role { param, state };

/// How the elements lie in memory; files hold the field's usual order (`oihw`), see `train/checkpoint.hpp`.
enum class Layout { plain, hwio };

/// One tensor of a net: its key ("net/0/#3/conv/weight") and everything that must be known to make and update it.
struct ParamDesc {
  std::string key;
  Shape shape;
  Init init{};
  Role role = Role::param;
  bool decay = false;  ///< weight decay applies (weights yes; norms and biases no)
  Layout layout = Layout::plain;
  bool operator==(const ParamDesc&) const = default;
};

/// Everything a layer may touch while it runs forward. X and Y, of the values of input and output, are T but for maps
/// on a backend that keeps those in another type (`MapOf`).
template <class T, class X = T, class Y = X>
struct Forward {
  View<const X> x;           ///< input
  View<Y> y;                 ///< output, overwritten
  std::span<const T> w;      ///< this layer's parameters, `param_count()`
  std::span<const T> state;  ///< this layer's state, `state_count()`, read in evaluation mode
  std::span<T> state_next;   ///< where training mode writes the updated state; may be `state` itself; empty: no update
  std::span<T> keep;         ///< lives until backward, `keep(x.shape)`
  std::span<T> scratch;      ///< dies on return, `scratch(x.shape)`
  Mode mode = Mode::train;
  bool backward_follows = true;  ///< false: what only backward reads need not be kept
};

/// ... and backward. Parameter gradients accumulate (`dw` +=), activation gradients are overwritten (`dx` =).
template <class T, class X = T, class Y = X>
struct Backward {
  View<const X> x;
  View<const Y> y, dy;
  View<X> dx;  ///< null data: nobody needs it, the layer skips it
  std::span<const T> w;
  std::span<T> dw;
  std::span<const T> state;
  std::span<T> keep;
  std::span<T> scratch;
  Mode mode = Mode::train;
};

// One concept per member, so that a message can name the one that is missing.
template <class L>
concept HasName = requires {
  { L::name } -> std::convertible_to<std::string_view>;
};
template <class L>
concept HasOutShape = requires(const L l, Shape s) {
  { l.out_shape(s) } -> std::same_as<Shape>;
};
template <class L>
concept HasParams = requires(const L l, const std::string& key, std::vector<ParamDesc>& out) {
  { l.param_count() } -> std::same_as<Index>;
  { l.state_count() } -> std::same_as<Index>;
  l.describe_params(key, out);
};
template <class L>
concept HasKeep = requires(const L l, Shape s) {
  { l.keep(s) } -> std::same_as<Index>;
  { l.scratch(s) } -> std::same_as<Index>;
};
template <class L>
concept HasMacs = requires(const L l, Shape s) {
  { l.macs(s) } -> std::same_as<Index>;
};

/// A layer's description: a small regular value without tensors or pointers.
/// Ensures: `describe_params` lists parameters and states in the order in which `w` and `state` hold them, with sizes
/// that add up to `param_count()` and `state_count()`; `keep` and `scratch` are exact upper bounds of what is touched.
template <class L>
concept LayerSpec = std::regular<L> && HasName<L> && HasOutShape<L> && HasParams<L> && HasKeep<L> && HasMacs<L>;

template <class B>
concept InHostMemory = std::same_as<typename B::Space, HostSpace>;
template <class L, class B>
concept HasForward = requires(const L l, B& b, const Forward<typename B::Scalar>& f) {
  l.forward(b, f);
};
template <class L, class B>
concept HasBackward = requires(const L l, B& b, const Backward<typename B::Scalar>& g) {
  l.backward(b, g);
};

/// A layer that runs on inputs of X and outputs of Y.
template <class L, class B, class X, class Y>
concept TakesMaps = requires(const L l, B& b, const Forward<typename B::Scalar, X, Y>& f,
                             const Backward<typename B::Scalar, X, Y>& g) {
  l.forward(b, f);
  l.backward(b, g);
};

/// Two layers that a Chain runs together where they follow each other (see layer/conv_norm.hpp).
template <class L, class Next, class B>
concept RunTogether = requires(B& b, const L l, const Next next, const Forward<typename B::Scalar>& f,
                               const Backward<typename B::Scalar>& g) {
  forward_together(b, l, next, f, f);
  backward_together(b, l, next, g, g);
};

/// A layer that runs on backend `B`. Laws (tests/laws/layer_law.hpp): `backward` is the gradient of `forward`;
/// parameter gradients accumulate; nothing outside `keep` and `scratch` is written.
template <class L, class B>
concept Layer = LayerSpec<L> && Backend<B> && HasForward<L, B> && HasBackward<L, B>;

/// Rank a layer reads and writes, where it is fixed; `any_rank` = it does not care.
inline constexpr int any_rank = -1;
template <class L>
inline constexpr int in_rank_of = [] {
  if constexpr (requires { L::in_rank; })
    return L::in_rank;
  else
    return any_rank;
}();
template <class L>
inline constexpr int out_rank_of = [] {
  if constexpr (requires { L::out_rank; })
    return L::out_rank;
  else
    return any_rank;
}();
/// The output of `Left` can be the input of `Right`, as far as ranks tell.
template <class Left, class Right>
concept Joins = out_rank_of<Left>
== any_rank || in_rank_of<Right> == any_rank || out_rank_of<Left> == in_rank_of<Right>;

/// A backend that wants to know which parameter gradients are complete while a backward pass still runs
/// (dist/across.hpp). A composite tells it after each of its parts, whose `dw` no later part adds to.
template <class B>
concept HearsGradients = Backend<B> && requires(B& b, std::span<const typename B::Scalar> dw) {
  b.gradients_done(dw);
};
template <class B>
void tell_gradients_done(B& backend, std::span<const typename B::Scalar> dw) {
  if constexpr (HearsGradients<B>)
    if (!dw.empty()) backend.gradients_done(dw);
}

/// Speaks one sentence for the first missing member of a would-be layer. Used where a pack is accepted, because
/// "(... && LayerSpec<Ls>) evaluated to false" names nobody.
template <std::size_t Position, class L>
struct CheckLayer {
  static_assert(HasName<L>, "sseg: this layer needs  static constexpr std::string_view name.");
  static_assert(HasOutShape<L>, "sseg: this layer needs  constexpr Shape out_shape(Shape in) const.");
  static_assert(HasParams<L>,
                "sseg: this layer needs  Index param_count() const,  Index state_count() const  and "
                " void describe_params(const std::string& key, std::vector<ParamDesc>& out) const. "
                "A layer without parameters inherits them from sseg::NoParams.");
  static_assert(HasKeep<L>, "sseg: this layer needs  Index keep(Shape) const  and  Index scratch(Shape) const.");
  static_assert(HasMacs<L>, "sseg: this layer needs  Index macs(Shape in) const, its multiply-adds for that input.");
  static_assert(std::regular<L>, "sseg: this layer must be a plain value: default-constructible, copyable, with ==.");
  static constexpr bool ok = true;
};

/// Speaks one sentence when two neighbours do not fit.
template <std::size_t Position, class Left, class Right>
struct Seam {
  static_assert(Joins<Left, Right>,
                "sseg::Chain: the right layer of this Seam<Position, Left, Right> cannot read the rank that the left "
                "one writes. Put sseg::Flatten or sseg::GlobalPool between them.");
  static constexpr bool ok = true;
};

/// Speaks one sentence when a layer knows maps of Scalar alone, where the backend keeps them as X or Y.
template <class L, class B, class X, class Y>
struct CheckMaps {
  static_assert(
      TakesMaps<L, B, X, Y>,
      "sseg: this backend keeps maps in a type of its own (B::Map): the layer needs  template <class B, class "
      "X> void forward(B& backend, const Forward<typename B::Scalar, X>&) const  and a backward like it, as "
      "sseg::Relu has.");
  static constexpr bool ok = true;
};

/// Speaks one sentence when a layer cannot run on a backend.
template <class L, class B>
struct CheckRuns {
  static_assert(Backend<B>, "sseg: a backend needs  static constexpr std::string_view name,  Scalar  and  Space.");
  static_assert(!Backend<B> || InHostMemory<B> || HasMemory<B>,
                "sseg: this backend keeps its tensors elsewhere than on the host (B::Space): it needs "
                " std::shared_ptr<sseg::Memory> memory()  for the arrays that layers and parameters lie in.");
  static_assert(HasForward<L, B>,
                "sseg: this layer needs  void forward(B& backend, const Forward<typename B::Scalar>&) const.");
  static_assert(HasBackward<L, B>,
                "sseg: this layer needs  void backward(B& backend, const Backward<typename B::Scalar>&) const.");
  static constexpr bool ok = true;
};

}  // namespace sseg
