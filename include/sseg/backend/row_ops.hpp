#pragma once
#include "sseg/core/shape.hpp"

/// Operations on the rows of matrices: lengths, products, softmax and losses. Conventions are those of backend/ops.hpp,
/// which includes this.
namespace sseg {

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

/// Row-wise softmax cross-entropy in place, the diagonal left out, of the rows r = first … first + rows − 1 of a matrix
/// cols × cols:
///   loss = (1/cols) Σ_r ( log Σ_{k≠r} exp s[r,k] − s[r, target[r]] ),   s ← ∂loss/∂s,   s[r,r] ← 0.
/// `s` holds these rows alone, `target` all. Requires: cols ≥ 2, target[r] ≠ r. `loss` receives the value, on the host;
/// where `sum` is not null, the value is added to `*sum` instead, which lies where tensors do: nothing waits for it.
template <class T>
struct OffDiagonalCrossEntropy {
  Index rows, cols, first;
  T* s;
  const Index* target;
  double* loss;
  double* sum = nullptr;
};

/// *value = alpha·Σ a·b, on the host; or *sum += alpha·Σ a·b where `sum` is not null, which lies where tensors do.
template <class T>
struct Dot {
  Index count;
  T alpha;
  const T* a;
  const T* b;
  double* value;
  double* sum = nullptr;
};

/// out[r·stride] = alpha·Σ_c a[r,c]·b[r,c].   a, b:(rows, cols)
template <class T>
struct RowDots {
  Index rows, cols;
  T alpha;
  const T* a;
  const T* b;
  T* out;
  Index stride;
};

/// y[r,:] = alpha·factor[r·stride]·x[r,:], or y[r,:] += … when accumulate; y may be x.   x, y:(rows, cols)
template <class T>
struct ScaleRows {
  Index rows, cols;
  T alpha;
  const T* factor;
  Index stride;
  const T* x;
  T* y;
  bool accumulate;
};

/// Targets of classification: y[r,:] is 0 but for a 1 in column ((q mod period) + shift·⌊q/period⌋) mod cols, with
/// q = first + r.   y:(rows, cols)
template <class T>
struct OneHotRows {
  Index rows, cols;
  Index first, period, shift;
  T* y;
};

/// What a weight counts in ColumnScores, of its gradient g and value w: (g·w)² or g².
enum class WeightScore { taylor, squared_gradient };

/// columns[c] += Σ_r score(g[r,c], w[r,c]).   g, w:(rows, cols)
template <class T>
struct ColumnScores {
  Index rows, cols;
  WeightScore score;
  const T* g;
  const T* w;
  double* columns;
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
///   s ← ∂loss/∂s = weight·scale·(m·softmax(scale·s[r,:]) − target[r,:]).
/// `loss` receives the value, or `*sum` has it added, as in OffDiagonalCrossEntropy. Requires: scale > 0.
template <class T>
struct SoftmaxCrossEntropy {
  Index rows, cols;
  T scale, weight;
  T* s;
  const T* target;
  double* loss;
  double* sum = nullptr;
};

/// What an operation that reports a value does with it on the host.
inline void leave_value(double* here, double* sum, double value) {
  if (sum != nullptr)
    *sum += value;
  else
    *here = value;
}

}  // namespace sseg
