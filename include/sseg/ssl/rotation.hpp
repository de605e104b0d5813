#pragma once
#include <string_view>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// Which quarter turn a picture has: mean cross-entropy of four logits (Gidaris et al. 2018). z:(k·N, 4), row j·N + i
/// the j-th rotated copy of image i, turned by (i + j) mod 4: with one copy an image every turn is equally frequent in
/// the batch at a quarter of the paper's cost; with four, every image has each. Scratch holds the targets. Ill-posed
/// for symmetric drawings (o, x). Throws: Error when z has not four columns.
struct Rotation {
  static constexpr std::string_view name = "rotation";
  static constexpr Sees sees = Sees::rotated;
  bool operator==(const Rotation&) const = default;

  constexpr Index scratch(Shape z) const { return z.count(); }
  static constexpr Index rotation_of(Index view, Index image) { return (image + view) % 4; }

  template <class B>
  double operator()(B& backend, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    const Index rows = a.z.shape[0], n = a.images > 0 ? a.images : rows / 2;
    require(a.z.shape[1] == 4 && n >= 1 && rows % n == 0, "rotation has four classes and whole copies of a batch",
            "Rotation", "give it a rotation_head and all rotated views");
    T* const target = a.scratch.data();
    dispatch(backend, OneHotRows<T>{rows, 4, 0, n, 1, target});  // rotation_of every view of every image
    double loss = 0;
    dispatch(backend, Copy<T>{a.z.shape.count(), a.z.data, a.dz.data});
    dispatch(backend,
             SoftmaxCrossEntropy<T>{rows, 4, T{1}, T{1} / static_cast<T>(rows), a.dz.data, target, &loss, a.sum});
    return loss;
  }
};

}  // namespace sseg
