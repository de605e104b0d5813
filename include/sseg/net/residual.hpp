#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/concepts/layer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// y = x + f(x) (He et al. 2016). Throws: Error when f changes the shape.
template <class F>
struct Residual {
  static_assert(CheckLayer<0, F>::ok);
  static constexpr std::string_view name = "residual";
  static constexpr int in_rank = in_rank_of<F>, out_rank = out_rank_of<F>;
  F inner;
  bool operator==(const Residual&) const = default;

  constexpr Shape out_shape(Shape s) const {
    if (!(inner.out_shape(s) == s))
      throw Error(
          "a residual branch must keep the shape, but makes " + to_string(inner.out_shape(s)) + " of " + to_string(s),
          "Residual::out_shape", "give the branch as many output channels as inputs, and no stride or pooling");
    return s;
  }
  constexpr Index param_count() const { return inner.param_count(); }
  constexpr Index state_count() const { return inner.state_count(); }
  constexpr Index keep(Shape s, MapPacking p = {}) const { return p.room(s) + keep_of(inner, s, p); }
  constexpr Index scratch(Shape s, MapPacking p = {}) const { return scratch_of(inner, s, p); }
  constexpr Index macs(Shape s) const { return inner.macs(s); }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const { inner.describe_params(at, list); }

  template <class B, class X>
  requires HasForward<F, B>
  void forward(B& backend, const Forward<typename B::Scalar, X>& f) const {
    Forward<typename B::Scalar, X> branch = f;
    branch.y = {values_at<X>(f.keep.data()), f.x.shape};
    branch.keep = f.keep.subspan(to_size(packing_of<B>.room(f.x.shape)));
    inner.forward(backend, branch);
    dispatch(backend, Add<X>{f.x.shape.count(), f.x.data, branch.y.data, f.y.data});
  }
  template <class B, class X>
  requires HasBackward<F, B>
  void backward(B& backend, const Backward<typename B::Scalar, X>& g) const {
    Backward<typename B::Scalar, X> branch = g;
    branch.y = {values_at<X>(g.keep.data()), g.x.shape};
    branch.keep = g.keep.subspan(to_size(packing_of<B>.room(g.x.shape)));
    inner.backward(backend, branch);
    if (g.dx) dispatch(backend, Add<X>{g.x.shape.count(), g.dx.data, g.dy.data, g.dx.data});
  }
};

}  // namespace sseg
