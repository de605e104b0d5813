#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/concepts/mutation.hpp"
#include "sseg/net/param_store.hpp"

namespace sseg {

/// A mutation that a configuration switches on and off, itself a mutation of the same name and edit: off, it proposes
/// nothing, and `Evolve` gives it no turn; recorded edits are made again all the same.
template <class M>
struct Switched {
  static constexpr std::string_view name = M::name;
  static constexpr bool keeps_function = M::keeps_function;
  static constexpr bool needs_auxiliary = requires { requires M::needs_auxiliary; };
  using Edit = typename M::Edit;
  M mutation{};
  bool on = true;
  bool operator==(const Switched&) const = default;

  template <class Net>
  std::optional<Edit> propose(const Net& net, const Signals& s, Rng& rng) const {
    return on ? mutation.propose(net, s, rng) : std::nullopt;
  }
  template <class Net>
  requires HasCandidates<M, Net> std::vector<Edit> candidates(const Net& net, const Signals& s)
  const { return on ? mutation.candidates(net, s) : std::vector<Edit>{}; }
  template <class Net>
  requires HasSettle<M, Net> Edit settle(const Net& net, const Edit& e, const Signals& s, Rng& rng)
  const { return mutation.settle(net, e, s, rng); }
  template <class Net>
  Net apply(Net net, const Edit& e) const {
    return mutation.apply(std::move(net), e);
  }
  template <class Net>
  std::string place(const Net& net, const Edit& e) const {
    return mutation.place(net, e);
  }
  template <class Net, class T>
  void carry(const Net& net, const Edit& e, const ParamStore<T>& old, ParamStore<T>& fresh) const {
    mutation.carry(net, e, old, fresh);
  }
};

/// Whether a mutation takes part: all do that have no switch.
template <class M>
constexpr bool is_on(const M& m) {
  if constexpr (requires { m.on; })
    return m.on;
  else
    return true;
}

}  // namespace sseg
