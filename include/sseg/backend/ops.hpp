#pragma once
#include <cstdint>
#include <span>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/shape.hpp"

/// One plain argument struct per operation. A backend implements `can(op)` and `run(op)` for each; layers only fill
/// them in. All tensors are dense; images are NHWC, convolution weights HWIO, matrices row-major. Unless a member says
/// otherwise, outputs are overwritten and must not overlap inputs.
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
template <class T>
struct Conv2dForward {
  ConvGeometry g;
  const T* x;
  const T* w;
  const T* bias;
  T* y;
};

/// dx = the adjoint of Conv2dForward in x, applied to dy.
template <class T>
struct Conv2dBackwardData {
  ConvGeometry g;
  const T* dy;
  const T* w;
  T* dx;
};

/// dw += the adjoint of Conv2dForward in w, applied to dy;  dbias += Σ dy (null: skipped).
template <class T>
struct Conv2dBackwardWeights {
  ConvGeometry g;
  const T* x;
  const T* dy;
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
template <class T>
struct SumRows {
  Index rows, cols;
  const T* x;
  T* out;
};

/// mean and biased variance over the rows of x:(rows, cols).
template <class T>
struct ColumnMoments {
  Index rows, cols;
  const T* x;
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

/// y = maxpool(act(x·scale + shift)), scale and shift per channel; act = ReLU or identity.
template <class T>
struct NormReluPoolForward {
  NormGeometry g;
  const T* x;
  const T* scale;
  const T* shift;
  T* y;
};

/// Gradient of batch norm → act → max pool with  x̂ = (x − mean)·inv_std,  scale = gamma·inv_std,
/// shift = beta − mean·scale  (Ioffe & Szegedy 2015, section 3). With e = dy routed back through pool and act:
///   dgamma += Σ e·x̂     dbeta += Σ e
///   dx = scale·(e − mean(e) − x̂·mean(e·x̂))   when batch_statistics, else   dx = scale·e
/// The window's maximum is found again from x; ties go to the first. dx may be null.
template <class T>
struct NormReluPoolBackward {
  NormGeometry g;
  const T* x;
  const T* mean;
  const T* inv_std;
  const T* scale;
  const T* shift;
  const T* dy;
  T* dx;
  T* dgamma;
  T* dbeta;
  bool batch_statistics;
};

/// An operation that stands for others which every backend has: a backend without it is not short of anything.
template <class Op>
concept Joint = Op::joint;

/// Conv2dForward, and the moments of its output: mean and biased variance per channel over (N, H', W').
template <class T>
struct Conv2dMoments {
  static constexpr bool joint = true;
  Conv2dForward<T> conv;
  T* mean;
  T* var;
};

/// Conv2dForward into NormReluPoolForward, without the map between them: y = maxpool(act(conv(x)·scale + shift)).
/// Requires: norm.x == conv.y, which a backend may write or not.
template <class T>
struct Conv2dNormReluPool {
  static constexpr bool joint = true;
  Conv2dForward<T> conv;
  NormReluPoolForward<T> norm;
};

/// NormReluPoolBackward into Conv2dBackwardWeights, without the gradient between them. Requires: norm.dx is null,
/// conv.dy is not used, conv.dbias is null.
template <class T>
struct NormConv2dBackwardWeights {
  static constexpr bool joint = true;
  NormReluPoolBackward<T> norm;
  Conv2dBackwardWeights<T> conv;
};

/// y = x.
template <class T>
struct Copy {
  Index count;
  const T* x;
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
template <class T>
struct GlobalPoolForward {
  Index n, positions, c;
  const T* x;
  T* y;
};
template <class T>
struct GlobalPoolBackward {
  Index n, positions, c;
  const T* dy;
  T* dx;
};

/// norm[r] = max(‖x[r,:]‖₂, eps);  y[r,:] = x[r,:] / norm[r].
template <class T>
struct L2NormalizeForward {
  Index rows, cols;
  T eps;
  const T* x;
  T* y;
  T* norm;
};
/// dx[r,:] = (dy − y·(y·dy)) / norm[r].
template <class T>
struct L2NormalizeBackward {
  Index rows, cols;
  const T* y;
  const T* norm;
  const T* dy;
  T* dx;
};

/// Row-wise softmax cross-entropy in place, the diagonal left out:
///   loss = (1/rows) Σ_r ( log Σ_{k≠r} exp s[r,k] − s[r, target[r]] ),   s ← ∂loss/∂s,   s[r,r] ← 0.
/// Requires: rows ≥ 2, target[r] ≠ r. `loss` receives the value.
template <class T>
struct OffDiagonalCrossEntropy {
  Index rows;
  T* s;
  const Index* target;
  double* loss;
};

/// y[r,:] = softmax(scale·(x[r,:] − shift)); shift:(cols) may be null; y may be x.
template <class T>
struct SoftmaxRows {
  Index rows, cols;
  T scale;
  const T* x;
  const T* shift;
  T* y;
};

/// Row-wise softmax cross-entropy against given targets, in place. With m = Σ_k target[r,k]:
///   loss = weight·Σ_r ( m·log Σ_k exp(scale·s[r,k]) − Σ_k target[r,k]·scale·s[r,k] ),
///   s ← ∂loss/∂s = weight·scale·(m·softmax(scale·s[r,:]) − target[r,:]).      `loss` receives the value
/// Requires: scale > 0.
template <class T>
struct SoftmaxCrossEntropy {
  Index rows, cols;
  T scale, weight;
  T* s;
  const T* target;
  double* loss;
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

/// Bias corrections of AdamW for parameters of one age t: 1 − β₁ᵗ and 1 − β₂ᵗ.
struct AdamCorrection {
  double first = 1, second = 1;
};

/// AdamW (Loshchilov & Hutter 2019, algorithm 2):
///   m = β₁m + (1−β₁)g,  v = β₂v + (1−β₂)g²,  w = w − rate·( (m/c₁) / (√(v/c₂) + eps) + decay·w )
/// with c = correction[cohort[i]], or correction[0] everywhere when `cohort` is null.
template <class T>
struct AdamWUpdate {
  Index count;
  T* w;
  const T* g;
  T* m;
  T* v;
  T rate, beta1, beta2, eps, decay;
  std::span<const AdamCorrection> correction;
  const std::uint8_t* cohort;
};

/// SGD with momentum. Decay is coupled (an L2 term of the loss): it goes through the momentum as the gradient does.
///   e = g + decay·w,  m = momentum·m + e,  w = w − rate·m,  or with Nesterov's look ahead  w = w − rate·(e +
///   momentum·m)
template <class T>
struct SgdUpdate {
  Index count;
  T* w;
  const T* g;
  T* m;
  T rate, momentum, decay;
  bool nesterov;
};

/// *norm = ‖g‖₂ as it was, summed in double;  g = g·limit/norm when limit < norm < ∞.
template <class T>
struct ClipNorm {
  Index count;
  T limit;
  T* g;
  double* norm;
};

/// target = decay·target + (1−decay)·source.
template <class T>
struct EmaUpdate {
  Index count;
  T decay;
  const T* source;
  T* target;
};

/// Runs `op` on `backend`. The compiler's message names the pair when the backend has no code for it.
template <class B, class Op>
void dispatch(B& backend, const Op& op) {
  static_assert(
      Serves<B, Op>,
      "sseg: this backend has no  bool can(const Op&)  and  void run(const Op&)  for the operation Op named in "
      "dispatch<B, Op>. Put it behind sseg::Prefer<YourBackend, sseg::Reference<Scalar>>, or add the operation.");
  if constexpr (Serves<B, Op>) backend.run(op);
}

}  // namespace sseg
