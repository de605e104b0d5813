#pragma once
#include <concepts>
#include <string_view>

namespace sseg {

/// Where a backend's tensors live. Backends are mixed only within one space.
struct HostSpace {};
/// The memory of a device, which the host reaches by copies only.
struct DeviceSpace {};

/// A place where operations run: an object with handles and workspace, passed by reference, chosen once at the top.
/// For every operation struct of `backend/ops.hpp` that it serves, a backend has `bool can(op)` and `void run(op)`.
/// One backend object serves one stream of work: it is not for use from two threads at once.
template <class B>
concept Backend = requires {
  { B::name } -> std::convertible_to<std::string_view>;
  typename B::Scalar;
  typename B::Space;
};

/// Backend `B` has code for the operation `Op` (whether it takes these very arguments, `can` says at run time).
template <class B, class Op>
concept Serves = requires(B& backend, const Op& op) {
  { backend.can(op) } -> std::same_as<bool>;
  backend.run(op);
};

}  // namespace sseg
