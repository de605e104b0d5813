#pragma once
#include <concepts>
#include <string_view>

namespace sseg {

/// Updates the parameters of a store from its gradients. A plain value: its state (moments, step counts) is in the
/// store, so that it survives growth. Law: one step equals the closed form, and the gradients stay as they are, unless
/// the optional member `static constexpr bool shortens_gradients` says that a tensor's may be scaled down.
template <class O, class B, class Store>
concept Optimizer = std::regular<O> && requires(const O o, B& backend, Store& store, float rate) {
  { O::name } -> std::convertible_to<std::string_view>;
  { O::moments } -> std::convertible_to<int>;
  o.update(backend, store, rate);
};

}  // namespace sseg
