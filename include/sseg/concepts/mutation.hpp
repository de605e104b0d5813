#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/rng.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// What the loss wants of new channels in one stage, see evolve/auxiliary_gradient.hpp; null data where it is not
/// known.
struct AuxiliaryView {
  View<const double> gradient{};    ///< (weights that read the stage, weights of a filter)
  View<const double> covariance{};  ///< of the patches that a filter sees
};

/// What a mutation may look at when it decides.
struct Signals {
  std::span<const double> sensitivity{};       ///< one value a stage, see evolve/sensitivity.hpp
  Shape image{};                               ///< (1, H, W, C), what the net reads; rank 0: not known
  std::span<const AuxiliaryView> auxiliary{};  ///< one a stage
};

// One concept per member, so that a message can name the one that is missing.
template <class M>
concept HasEdit = std::regular<M> && requires {
  { M::name } -> std::convertible_to<std::string_view>;
  { M::keeps_function } -> std::convertible_to<bool>;
  typename M::Edit;
};
template <class M, class Net>
concept HasPropose = requires(const M m, const Net& net, const Signals& s, Rng& rng) {
  { m.propose(net, s, rng) } -> std::same_as<std::optional<typename M::Edit>>;
};
template <class M, class Net>
concept HasApply = requires(const M m, const Net& net, const typename M::Edit& e) {
  { m.apply(net, e) } -> std::same_as<Net>;
  { m.place(net, e) } -> std::convertible_to<std::string>;
};
template <class M, class Net, class Store>
concept HasCarry = requires(const M m, const Net& net, const typename M::Edit& e, const Store& old, Store& fresh) {
  m.carry(net, e, old, fresh);
};

/// Optional: every edit the mutation could make now, in all sizes, for a selector to choose from; without it a selector
/// asks `propose`. What needs a draw or a signal may be left open, for `settle` to fill in once an edit is chosen.
template <class M, class Net>
concept HasCandidates = requires(const M m, const Net& net, const Signals& s) {
  { m.candidates(net, s) } -> std::same_as<std::vector<typename M::Edit>>;
};
template <class M, class Net>
concept HasSettle = requires(const M m, const Net& net, const typename M::Edit& e, const Signals& s, Rng& rng) {
  { m.settle(net, e, s, rng) } -> std::same_as<typename M::Edit>;
};

/// A change of the net's shape. `propose` decides and touches nothing; `apply` turns spec into spec, so a mutation is
/// testable without tensors; `place` names the place in words; `carry` fills what `reseat` could not copy because its
/// shape changed. Laws (tests/laws/mutation_law.hpp): where `keeps_function`, the output does not change in training
/// or evaluation mode; entries whose shape is unchanged stay bit-identical, moments too.
template <class M, class Net, class Store>
concept Mutation = HasEdit<M> && HasPropose<M, Net> && HasApply<M, Net> && HasCarry<M, Net, Store>;

/// Speaks one sentence for the first missing member of a would-be mutation.
template <class M, class Net, class Store>
struct CheckMutation {
  static_assert(HasEdit<M>,
                "sseg: a mutation needs  static constexpr std::string_view name,  static constexpr bool keeps_function "
                " and a type Edit, and must be a plain value with ==.");
  static_assert(!HasEdit<M> || HasPropose<M, Net>,
                "sseg: a mutation needs  std::optional<Edit> propose(const Net&, const Signals&, Rng&) const.");
  static_assert(!HasEdit<M> || HasApply<M, Net>,
                "sseg: a mutation needs  Net apply(const Net&, const Edit&) const  and  std::string place(const Net&, "
                "const Edit&) const.");
  static_assert(!HasEdit<M> || HasCarry<M, Net, Store>,
                "sseg: a mutation needs  void carry(const Net& old_net, const Edit&, const ParamStore<T>& old, "
                "ParamStore<T>& fresh) const; it may be empty when no entry changes its shape.");
  static constexpr bool ok = true;
};

}  // namespace sseg
