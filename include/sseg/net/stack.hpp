#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// The growable part of a net: a run-time list of blocks of one type, itself a layer. An empty stack is the identity.
/// Every block has an id that never changes, so its keys ("…/#7/conv/weight") survive when neighbours come and go.
/// Keeps what the blocks keep and every block's output but the last. With `recompute` it keeps only those outputs, and
/// backward runs each block forward again before its own backward (Chen et al. 2016, "Training Deep Nets with Sublinear
/// Memory Cost"): less memory for one more forward pass, and the same bits.
template <class Block>
struct Stack {
  static_assert(CheckLayer<0, Block>::ok);
  static_assert(Joins<Block, Block>,
                "sseg::Stack: a block must write the rank it reads, since blocks follow each other.");
  static constexpr std::string_view name = "stack";
  static constexpr int in_rank = in_rank_of<Block>, out_rank = out_rank_of<Block>;
  struct Slot {
    Index id = 0;
    Block block;
    bool operator==(const Slot&) const = default;
  };
  std::vector<Slot> slots;
  Index next_id = 0;
  bool recompute = false;
  /// Of the nets: how one runs is not part of it.
  bool operator==(const Stack& other) const { return slots == other.slots && next_id == other.next_id; }

  constexpr Index size() const { return static_cast<Index>(slots.size()); }
  /// The identity: a Chain skips it where it stands at the end.
  constexpr bool hands_through() const { return slots.empty(); }
  constexpr Block& operator[](Index i) { return slots[to_size(i)].block; }
  constexpr const Block& operator[](Index i) const { return slots[to_size(i)].block; }

  /// Puts a block before position `at` and returns its id. Requires: 0 ≤ at ≤ size().
  constexpr Index insert(Index at, Block block) {
    slots.insert(slots.begin() + at, Slot{next_id, std::move(block)});
    return next_id++;
  }
  constexpr Index push_back(Block block) { return insert(size(), std::move(block)); }
  constexpr void erase(Index at) { slots.erase(slots.begin() + at); }

  constexpr Shape out_shape(Shape s) const {
    for (const Slot& slot : slots) s = slot.block.out_shape(s);
    return s;
  }
  constexpr Index param_count() const {
    Index n = 0;
    for (const Slot& slot : slots) n += slot.block.param_count();
    return n;
  }
  constexpr Index state_count() const {
    Index n = 0;
    for (const Slot& slot : slots) n += slot.block.state_count();
    return n;
  }
  constexpr Index keep(Shape s, MapPacking p = {}) const { return walked(s, p).keep(); }
  constexpr Index scratch(Shape s, MapPacking p = {}) const {
    const Needs most = needs(s, p);
    return walked(s, p).hands() + most.keep + most.output + most.scratch;
  }
  constexpr Index macs(Shape s) const {
    Index n = 0;
    for (const Slot& slot : slots) {
      n += slot.block.macs(s);
      s = slot.block.out_shape(s);
    }
    return n;
  }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    for (const Slot& slot : slots) slot.block.describe_params(at + "/#" + std::to_string(slot.id), list);
  }

  template <class B, class X>
  requires HasForward<Block, B>
  void forward(B& backend, const Forward<typename B::Scalar, X>& f) const {
    if (slots.empty()) return dispatch(backend, Copy<X>{f.x.shape.count(), f.x.data, f.y.data});
    Walk walk(f.x.shape, packing_of<B>);
    const Index lent = recompute ? needs(f.x.shape, packing_of<B>).keep : 0;
    View<const X> x = f.x;
    for (const Slot& slot : slots) {
      const bool inner = &slot != &slots.back();
      const Seat seat = step(walk, slot);
      const View<X> y = inner ? View<X>{values_at<X>(f.keep.data() + walk.output()), walk.shape()} : f.y;
      Forward<typename B::Scalar, X> mine =
          seated(f, seat, x, y, piece(f.scratch, lent, static_cast<Index>(f.scratch.size()) - lent));
      if (recompute) mine.keep = piece(f.scratch, 0, lent);
      slot.block.forward(backend, mine);
      x = y;
    }
  }

  template <class B, class X>
  requires HasBackward<Block, B>
  void backward(B& backend, const Backward<typename B::Scalar, X>& g) const {
    using T = typename B::Scalar;
    if (slots.empty()) {
      if (g.dx) dispatch(backend, Copy<X>{g.dy.shape.count(), g.dy.data, g.dx.data});
      return;
    }
    const Walk whole = walked(g.x.shape, packing_of<B>);
    T* const hand[2] = {g.scratch.data(), g.scratch.data() + whole.right_hand()};
    const Needs most = needs(g.x.shape, packing_of<B>);
    const auto lent = g.scratch.subspan(to_size(whole.hands()));
    const auto inner = lent.subspan(to_size(most.keep + most.output));
    View<const X> dy = g.dy;
    for (Index i = size() - 1; i >= 0; --i) {
      const Place<X> p = place(g, i, packing_of<B>);
      const View<X> dx = i == 0 ? g.dx : View<X>{values_at<X>(hand[i % 2]), p.x.shape};
      Backward<T, X> mine = seated(g, p.seat, p.x, p.y, dy, dx, inner);
      if (recompute) {
        mine.keep = lent.first(to_size(most.keep));
        X* const y = values_at<X>(i + 1 < size() ? g.keep.data() + p.output : lent.data() + most.keep);
        mine.y = {y, p.y.shape};
        (*this)[i].forward(backend,
                           Forward<T, X>{p.x, View<X>{y, p.y.shape}, mine.w, mine.state, {}, mine.keep, inner, g.mode});
      }
      (*this)[i].backward(backend, mine);
      tell_gradients_done(backend, mine.dw);
      dy = dx;
    }
  }

 private:
  /// The most scratch that one block needs and, when blocks run forward again, the most that one keeps, and the last
  /// one's output (the others have theirs among what the stack keeps).
  struct Needs {
    Index keep = 0, output = 0, scratch = 0;
  };
  constexpr Needs needs(Shape s, MapPacking p) const {
    Needs most;
    for (const Slot& slot : slots) {
      most.scratch = std::max(most.scratch, scratch_of(slot.block, s, p));
      if (recompute) most.keep = std::max(most.keep, keep_of(slot.block, s, p));
      s = slot.block.out_shape(s);
    }
    if (recompute && !slots.empty()) most.output = p.room(s);
    return most;
  }

  template <class X>
  struct Place {
    Seat seat;
    View<const X> x, y;
    Index output = 0;  ///< where y lies in what the stack keeps
  };

  constexpr Walk walked(Shape s, MapPacking p) const {
    Walk walk(s, p);
    for (const Slot& slot : slots) step(walk, slot);
    return walk;
  }
  constexpr Seat step(Walk& walk, const Slot& slot) const {
    return walk.step(slot.block, &slot != &slots.back(), recompute);
  }

  /// Seat, input and output of block `i`, found by walking again: stacks are short, and a step must not allocate.
  template <class T, class X>
  Place<X> place(const Backward<T, X>& g, Index i, MapPacking packing) const {
    Place<X> p{{}, g.x, g.x, 0};
    Walk walk(g.x.shape, packing);
    for (Index k = 0; k <= i; ++k) {
      p.x = p.y;
      p.seat = step(walk, slots[to_size(k)]);
      p.output = walk.output();
      p.y = k + 1 < size() ? View<const X>{values_at<X>(g.keep.data() + walk.output()), walk.shape()} : g.y;
    }
    return p;
  }
};

}  // namespace sseg
