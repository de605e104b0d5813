#pragma once
#include <concepts>
#include <span>
#include <string_view>

namespace sseg {

/// Where a backend's tensors live. Backends are mixed only within one space.
struct HostSpace {};

/// A place where operations run: an object with handles and workspace, passed by reference, chosen once at the top.
/// For every operation struct of `backend/ops.hpp` that it serves, a backend has `bool can(op)` and `void run(op)`.
/// One backend object serves one stream of work: it is not for use from two threads at once.
template <class B>
concept Backend = requires {
  { B::name } -> std::convertible_to<std::string_view>;
  typename B::Scalar;
  typename B::Space;
};

/// A backend that can be told that weights will not change while the returned object lives, and makes use of it.
template <class B>
concept Freezes = Backend<B> && requires(B& backend, std::span<const typename B::Scalar> weights) {
  backend.freeze(weights);
};

/// Backend `B` has code for the operation `Op` (whether it takes these very arguments, `can` says at run time).
template <class B, class Op>
concept Serves = requires(B& backend, const Op& op) {
  { backend.can(op) } -> std::same_as<bool>;
  backend.run(op);
};

}  // namespace sseg
