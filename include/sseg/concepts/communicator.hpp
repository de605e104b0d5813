#pragma once
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

#include "sseg/concepts/backend.hpp"

namespace sseg {

// One concept per member, so that a message can name the one that is missing.
template <class C>
concept HasRank = requires(const C c) {
  { c.rank() } -> std::same_as<int>;
  { c.size() } -> std::same_as<int>;
  typename C::Space;
};
template <class C>
concept HasAllReduce = requires(C& c, std::span<float> f, std::span<double> d) {
  c.all_reduce(f);
  c.all_reduce(d);
};
template <class C>
concept HasBroadcast = requires(C& c, std::span<float> f, std::span<double> d, std::span<std::byte> b) {
  c.broadcast(f);
  c.broadcast(d);
  c.broadcast(b);
};
template <class C>
concept HasAllGather = requires(C& c, std::span<const float> f, std::span<float> all_f, std::span<const double> d,
                                std::span<double> all_d, std::span<const std::byte> b, std::span<std::byte> all_b) {
  c.all_gather(f, all_f);
  c.all_gather(d, all_d);
  c.all_gather(b, all_b);
};

/// Several processes, the ranks 0 … size() − 1, that call the same members in the same order with equally long spans.
/// Law (tests/laws/communicator_law.hpp): afterwards all ranks hold the same bits, and for one number of ranks the
/// same bits every time.
///   all_reduce(x)        x ← Σ_r x of rank r, element by element
///   broadcast(x)         x ← x of rank 0
///   all_gather(x, all)   all ← x of rank 0, x of rank 1 …;   all: size()·|x|, may not overlap x
/// Spans lie in memory of the communicator's `Space`. A model whose work runs on a stream returns when the stream may
/// go on. Throws: Error when a rank is gone or does not answer.
template <class C>
concept Communicator = HasRank<C> && HasAllReduce<C> && HasBroadcast<C> && HasAllGather<C>;

/// Speaks one sentence for the first missing member of a would-be communicator.
template <class C>
struct CheckCommunicator {
  static_assert(HasRank<C>, "sseg: a communicator needs  int rank() const,  int size() const  and a type Space.");
  static_assert(HasAllReduce<C>,
                "sseg: a communicator needs  void all_reduce(std::span<T>)  for float and double, a sum in a fixed "
                "order.");
  static_assert(HasBroadcast<C>,
                "sseg: a communicator needs  void broadcast(std::span<T>)  from rank 0, for float, double and "
                "std::byte.");
  static_assert(HasAllGather<C>,
                "sseg: a communicator needs  void all_gather(std::span<const T>, std::span<T>)  for float, double and "
                "std::byte.");
  static constexpr bool ok = true;
};

/// A backend whose batch lies on several ranks, each of which runs the same program on its part (dist/across.hpp):
/// training asks it for what concerns all of them. `communicator` is for values on the host, `tensors` for those that
/// lie where the backend's arrays do.
template <class B>
concept OnRanks = Backend<B> &&
    requires(B& b, std::span<typename B::Scalar> x, std::span<const typename B::Scalar> part) {
  requires Communicator<std::remove_cvref_t<decltype(b.communicator())>>;
  { b.shares_statistics() } -> std::same_as<bool>;
  b.tensors().all_reduce(x);
  b.tensors().all_gather(part, x);
  b.tensors().begin_sum(x);
  b.tensors().done(part);
  b.tensors().end_sum();
};

/// A backend with memory of its own on which losses are left where tensors lie, so that nobody waits for them. Several
/// ranks also have to be able to sum them there.
template <class B>
concept LeavesLosses = HasMemory<B> &&
    (!OnRanks<B> || requires(B & b, std::span<double> x) { b.tensors().begin_sum_of_values(x); });

}  // namespace sseg
