#pragma once
#include <string_view>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// An operation that stands for others which every backend has: a backend without it is not short of anything.
template <class Op>
concept Joint = Op::joint;

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void refuse(std::string_view backend) {
  throw Error("the backend does not take an operation of these sizes", backend,
              "put it behind sseg::Prefer<YourBackend, sseg::Reference<Scalar>>, or give smaller ones");
}

template <class B, class Op>
[[noreturn]] void refuse(B& backend, const Op& op) {
  if constexpr (requires { backend.refusal(op); })
    throw backend.refusal(op);
  else
    refuse(B::name);
}

}  // namespace detail

/// Runs `op` on `backend`. The compiler's message names the pair when the backend has no code for it. Throws: Error
/// when it has, but does not take these sizes (`can`), with the backend's own reason where it has `Error refusal(op)`.
template <class B, class Op>
void dispatch(B& backend, const Op& op) {
  static_assert(
      Serves<B, Op>,
      "sseg: this backend has no  bool can(const Op&)  and  void run(const Op&)  for the operation Op named in "
      "dispatch<B, Op>. Put it behind sseg::Prefer<YourBackend, sseg::Reference<Scalar>>, or add the operation.");
  if constexpr (Serves<B, Op>) {
    if (!backend.can(op)) detail::refuse(backend, op);
    backend.run(op);
  }
}

namespace detail {

/// Runs a joint operation if the backend takes it; false: nothing was done.
template <class B, class Op>
bool run_joint(B& backend, const Op& op) {
  if constexpr (Serves<B, Op>) {
    if (!backend.can(op)) return false;
    backend.run(op);
    return true;
  } else {
    return false;
  }
}

}  // namespace detail

}  // namespace sseg
