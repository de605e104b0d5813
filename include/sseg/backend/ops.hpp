#pragma once
#include <cstdint>
#include <span>

#include "sseg/backend/dispatch.hpp"
#include "sseg/backend/mask_ops.hpp"
#include "sseg/backend/row_ops.hpp"
#include "sseg/backend/update_ops.hpp"
#include "sseg/concepts/backend.hpp"
#include "sseg/core/shape.hpp"

/// One plain argument struct per operation. A backend implements `can(op)` and `run(op)` for each; layers only fill
/// them in. All tensors are dense; images are NHWC, convolution weights HWIO, matrices row-major. Unless a member says
/// otherwise, outputs are overwritten and must not overlap inputs. `Map` is the type of the values in maps, where a
/// backend keeps them in another (`MapOf`); what is computed of them is T.
namespace sseg {

/// Sizes of a convolution. out = (in + 2·pad − kernel) / stride + 1.
struct ConvGeometry {
  Index n = 0, h = 0, w = 0, c = 0;  ///< input (N, H, W, C)
  Index o = 0;                       ///< output channels
  Index kernel = 3, stride = 1, pad = 1;

  constexpr Index out_h() const { return (h + 2 * pad - kernel) / stride + 1; }
  constexpr Index out_w() const { return (w + 2 * pad - kernel) / stride + 1; }
  constexpr Index weight_count() const { return kernel * kernel * c * o; }
  constexpr Index in_count() const { return n * h * w * c; }
  constexpr Index out_count() const { return n * out_h() * out_w() * o; }
  /// Multiply-adds of one pass.
  constexpr Index macs() const { return n * out_h() * out_w() * kernel * kernel * c * o; }
  bool operator==(const ConvGeometry&) const = default;
};

/// y[n,i,j,o] = bias[o] + Σ_{u,v,c} x[n, i·s+u−p, j·s+v−p, c] · w[u,v,c,o], zero outside x.   bias may be null
template <class T, class Map = T>
struct Conv2dForward {
  ConvGeometry g;
  const Map* x;
  const T* w;
  const T* bias;
  Map* y;
};

/// dx = the adjoint of Conv2dForward in x, applied to dy.
template <class T, class Map = T>
struct Conv2dBackwardData {
  ConvGeometry g;
  const Map* dy;
  const T* w;
  Map* dx;
};

/// dw += the adjoint of Conv2dForward in w, applied to dy;  dbias += Σ dy (null: skipped).
template <class T, class Map = T>
struct Conv2dBackwardWeights {
  ConvGeometry g;
  const Map* x;
  const Map* dy;
  T* dw;
  T* dbias;
};

/// C = alpha · op(A) · op(B) (+ C when accumulate).   op(A):(m,k)  op(B):(k,n)  C:(m,n); op(X) = Xᵀ when transposed
template <class T>
struct Gemm {
  Index m, n, k;
  T alpha;
  const T* a;
  bool a_transposed;
  const T* b;
  bool b_transposed;
  T* c;
  bool accumulate;
};

/// y[r,:] += bias.   y:(rows, cols)
template <class T>
struct AddBias {
  Index rows, cols;
  const T* bias;
  T* y;
};

/// out += Σ_r x[r,:].   x:(rows, cols)
template <class T, class Map = T>
struct SumRows {
  Index rows, cols;
  const Map* x;
  T* out;
};

/// mean and biased variance over the rows of x:(rows, cols).
template <class T, class Map = T>
struct ColumnMoments {
  Index rows, cols;
  const Map* x;
  T* mean;
  T* var;
};

/// From moments to the affine form of batch norm, per channel:
///   inv_std = 1/√(var + eps),  scale = gamma·inv_std,  shift = beta − mean·scale.   inv_std may be var
template <class T>
struct NormFold {
  Index channels;
  T eps;
  const T* gamma;
  const T* beta;
  const T* mean;
  const T* var;
  T* inv_std;
  T* scale;
  T* shift;
};

/// Running statistics after a batch of `rows` positions: next = (1 − momentum)·old + momentum·batch, with the unbiased
/// variance var·rows/(rows − 1) (as is for one row). The arrays hold mean (C) then variance (C); next may be old.
template <class T>
struct RunningUpdate {
  Index channels, rows;
  T momentum;
  const T* mean;
  const T* var;
  const T* old;
  T* next;
};

/// Sizes of the fused normalise → ReLU → max pool. Windows are pool×pool, stride pool; a remainder at the right and
/// bottom edge is dropped (as in PyTorch's default).
struct NormGeometry {
  Index n = 0, h = 0, w = 0, c = 0;
  Index pool = 1;
  bool relu = false;

  constexpr Index out_h() const { return h / pool; }
  constexpr Index out_w() const { return w / pool; }
  constexpr Index in_count() const { return n * h * w * c; }
  constexpr Index out_count() const { return n * out_h() * out_w() * c; }
  bool operator==(const NormGeometry&) const = default;
};

/// y = maxpool(act(x·scale + shift)), scale and shift per channel; act = ReLU or identity. y may be x where pool is 1.
template <class T, class Map = T>
struct NormReluPoolForward {
  NormGeometry g;
  const Map* x;
  const T* scale;
  const T* shift;
  Map* y;
};

/// Gradient of batch norm → act → max pool with  x̂ = (x − mean)·inv_std,  scale = gamma·inv_std,
/// shift = beta − mean·scale  (Ioffe & Szegedy 2015, section 3). With e = dy routed back through pool and act:
///   dgamma += Σ e·x̂     dbeta += Σ e
///   dx = scale·(e − mean(e) − x̂·mean(e·x̂))   when batch_statistics, else   dx = scale·e
/// The window's maximum is found again from x; ties go to the first. dx may be null. With y, the forward pass's output,
/// a backend may take the sums from that instead of x (as Rota Bulò et al. 2018, "In-Place Activated BatchNorm"): the
/// same but for rounding.
template <class T, class Map = T>
struct NormReluPoolBackward {
  NormGeometry g;
  const Map* x;
  const T* mean;
  const T* inv_std;
  const T* scale;
  const T* shift;
  const Map* dy;
  Map* dx;
  T* dgamma;
  T* dbeta;
  bool batch_statistics;
  const Map* y = nullptr;
};

/// Conv2dForward, and the moments of its output: mean and biased variance per channel over (N, H', W'). Where `extreme`
/// is not null, also the largest output of each pool×pool window in channels with sign[c] ≥ 0, the smallest in others:
/// what a norm with such a gamma will pool, whatever its scale.   extreme:(N, H'/pool, W'/pool, O)
template <class T, class Map = T>
struct Conv2dMoments {
  static constexpr bool joint = true;
  Conv2dForward<T, Map> conv;
  T* mean;
  T* var;
  Index pool = 1;
  const T* sign = nullptr;
  Map* extreme = nullptr;
};

/// Conv2dForward into NormReluPoolForward, without the map between them: y = maxpool(act(conv(x)·scale + shift)).
/// Requires: norm.x == conv.y, which a backend may write or not.
template <class T, class Map = T>
struct Conv2dNormReluPool {
  static constexpr bool joint = true;
  Conv2dForward<T, Map> conv;
  NormReluPoolForward<T, Map> norm;
};

/// NormReluPoolBackward into Conv2dBackwardWeights, without the gradient between them. Requires: norm.dx is null,
/// conv.dy is not used, conv.dbias is null.
template <class T, class Map = T>
struct NormConv2dBackwardWeights {
  static constexpr bool joint = true;
  NormReluPoolBackward<T, Map> norm;
  Conv2dBackwardWeights<T, Map> conv;
};

/// y = x, rounded to the nearest where T is shorter than From.
template <class T, class From = T>
struct Copy {
  Index count;
  const From* x;
  T* y;
};
/// y = value everywhere.
template <class T>
struct Fill {
  Index count;
  T value;
  T* y;
};

/// y = max(x, 0); y may be x.
template <class T>
struct ReluForward {
  Index count;
  const T* x;
  T* y;
};
/// dx = dy where y > 0, else 0; dx may be dy.
template <class T>
struct ReluBackward {
  Index count;
  const T* y;
  const T* dy;
  T* dx;
};

/// y = a + b; y may be a or b.
template <class T>
struct Add {
  Index count;
  const T* a;
  const T* b;
  T* y;
};

/// y = alpha·x, or y += alpha·x when accumulate; y may be x.
template <class T>
struct Scale {
  Index count;
  T alpha;
  const T* x;
  T* y;
  bool accumulate;
};

/// y[n,c] = mean over the h·w positions of x[n,:,c].
template <class T, class Map = T>
struct GlobalPoolForward {
  Index n, positions, c;
  const Map* x;
  T* y;
};
template <class T, class Map = T>
struct GlobalPoolBackward {
  Index n, positions, c;
  const T* dy;
  Map* dx;
};

/// y = x·Φ(x), Φ the distribution function of the standard normal (Hendrycks & Gimpel 2016). The Cpu's error is below
/// 2e-7·max(1, |x|).
template <class T>
struct GeluForward {
  Index count;
  const T* x;
  T* y;
};
/// dx = dy·(Φ(x) + x·φ(x)); dx may be dy.
template <class T>
struct GeluBackward {
  Index count;
  const T* x;
  const T* dy;
  T* dx;
};

}  // namespace sseg
