#pragma once
#include <algorithm>
#include <string_view>
#include <variant>

#include "sseg/concepts/optimizer.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/sgd.hpp"

namespace sseg {

/// One of several optimizers, chosen at run time, itself an optimizer; it reserves moments for any of them, so that
/// the layout of a store does not depend on the choice. At first the first of them.
template <class... Os>
struct OneOf {
  static constexpr std::string_view name = "one_of";
  static constexpr int moments = std::max({Os::moments...});
  std::variant<Os...> chosen{};
  bool operator==(const OneOf&) const = default;

  template <class B>
  void update(B& backend, ParamStore<typename B::Scalar>& store, float rate) const {
    std::visit([&](const auto& o) { o.update(backend, store, rate); }, chosen);
  }
  template <class B>
  requires(TakesAverage<Os, B, ParamStore<typename B::Scalar>>&&...) void update(
      B& backend, ParamStore<typename B::Scalar>& store, float rate, WeightAverage<typename B::Scalar> average) const {
    std::visit([&](const auto& o) { o.update(backend, store, rate, average); }, chosen);
  }
};

using AnyOptimizer = OneOf<AdamW, Sgd>;

}  // namespace sseg
