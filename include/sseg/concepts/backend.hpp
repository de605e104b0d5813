#pragma once
#include <concepts>
#include <memory>
#include <span>
#include <string_view>

#include "sseg/core/memory.hpp"

namespace sseg {

/// Where a backend's tensors live. Backends are mixed only within one space.
struct HostSpace {};
/// The memory of a device, which the host reaches by copies only.
struct DeviceSpace {};

/// A place where operations run: an object with handles and workspace, passed by reference, chosen once at the top.
/// For every operation struct of `backend/ops.hpp` that it serves, a backend has `bool can(op)` and `void run(op)`,
/// which is not called where `can` is false. It may have `Error refusal(op)`, which then says why. One backend object
/// serves one stream of work: it is not for use from two threads at once.
template <class B>
concept Backend = requires {
  { B::name } -> std::convertible_to<std::string_view>;
  typename B::Scalar;
  typename B::Space;
};

namespace detail {

template <class B>
struct MapOf {
  using Type = typename B::Scalar;
};
template <class B>
requires requires { typename B::Map; }
struct MapOf<B> {
  using Type = typename B::Map;
};

}  // namespace detail

/// Type of the values in maps, which are tensors of rank 4: images, what convolutions make of them, and their
/// gradients. A backend may keep them shorter than its Scalar, as `Map`. Weights and their gradients, statistics, and
/// tensors of every other rank are of Scalar.
template <class B>
using MapOf = typename detail::MapOf<B>::Type;

/// A backend that can be told that weights will not change while the returned object lives, and makes use of it.
template <class B>
concept Freezes = Backend<B> && requires(B& backend, std::span<const typename B::Scalar> weights) {
  backend.freeze(weights);
};

/// A backend of another space than the host's says where arrays lie that live from operation to operation: parameters,
/// activations, what losses remember.
template <class B>
concept HasMemory = requires(B& backend) {
  { backend.memory() } -> std::convertible_to<std::shared_ptr<Memory>>;
};

/// A backend that can hold operations back and give them to its device together: between `gather` and `hand_over` it
/// may, but nothing that the host sees depends on it; `drop` forgets what was held back. See backend/as_one.hpp.
template <class B>
concept GathersWork = requires(B& backend) {
  backend.gather();
  backend.hand_over();
  backend.drop();
};

/// Where the backend's arrays lie; null: on the host.
template <class B>
std::shared_ptr<Memory> memory_of(B& backend) {
  if constexpr (HasMemory<B>)
    return backend.memory();
  else
    return {};
}

/// Speaks one sentence where a part reads and writes tensors on the host.
template <class B>
struct CheckOnHost {
  static_assert(
      !HasMemory<B>,
      "sseg: this part looks into tensors on the host: give it a backend whose arrays lie there, as sseg::Cpu.");
  static constexpr bool ok = true;
};

/// Backend `B` has code for the operation `Op` (whether it takes these very arguments, `can` says at run time).
template <class B, class Op>
concept Serves = requires(B& backend, const Op& op) {
  { backend.can(op) } -> std::same_as<bool>;
  backend.run(op);
};

}  // namespace sseg
