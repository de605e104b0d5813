#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <numbers>
#include <string_view>
#include <vector>

#include "sseg/backend/norm_relu_pool_backward_data.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// The slow, obvious backend, for any floating-point scalar: every sum written as the operation's formula states it.
/// It is the oracle of every other backend's tests; `Reference<double>` serves gradient checks.
template <std::floating_point T>
class Reference {
 public:
  static constexpr std::string_view name = "reference";
  using Scalar = T;
  using Space = HostSpace;

  bool can(const auto&) const { return true; }

  /// The team for host-side work beside the operations (augmentation, episodes): the calling thread alone.
  Threads& threads() { return threads_; }

  void run(const Conv2dForward<T>& a) {
    each_tap(
        a.g, [&](Index y, Index o) { a.y[y] = a.bias ? a.bias[o] : T{}; },
        [&](Index y, Index x, Index w) { a.y[y] += a.x[x] * a.w[w]; });
  }
  void run(const Conv2dBackwardData<T>& a) {
    std::fill_n(a.dx, a.g.in_count(), T{});
    each_tap(
        a.g, [](Index, Index) {}, [&](Index y, Index x, Index w) { a.dx[x] += a.dy[y] * a.w[w]; });
  }
  void run(const Conv2dBackwardWeights<T>& a) {
    each_tap(
        a.g,
        [&](Index y, Index o) {
          if (a.dbias) a.dbias[o] += a.dy[y];
        },
        [&](Index y, Index x, Index w) { a.dw[w] += a.dy[y] * a.x[x]; });
  }

  void run(const Gemm<T>& a) {
    for (Index i = 0; i < a.m; ++i)
      for (Index j = 0; j < a.n; ++j) {
        T sum{};
        for (Index p = 0; p < a.k; ++p)
          sum += a.a[a.a_transposed ? p * a.m + i : i * a.k + p] * a.b[a.b_transposed ? j * a.k + p : p * a.n + j];
        T& c = a.c[i * a.n + j];
        c = a.alpha * sum + (a.accumulate ? c : T{});
      }
  }
  void run(const AddBias<T>& a) {
    for (Index r = 0; r < a.rows; ++r)
      for (Index c = 0; c < a.cols; ++c) a.y[r * a.cols + c] += a.bias[c];
  }
  void run(const SumRows<T>& a) {
    for (Index r = 0; r < a.rows; ++r)
      for (Index c = 0; c < a.cols; ++c) a.out[c] += a.x[r * a.cols + c];
  }
  void run(const ColumnMoments<T>& a) {
    for (Index c = 0; c < a.cols; ++c) {
      T sum{}, squares{};
      for (Index r = 0; r < a.rows; ++r) sum += a.x[r * a.cols + c];
      a.mean[c] = sum / static_cast<T>(a.rows);
      for (Index r = 0; r < a.rows; ++r) {
        const T d = a.x[r * a.cols + c] - a.mean[c];
        squares += d * d;
      }
      a.var[c] = squares / static_cast<T>(a.rows);
    }
  }

  void run(const NormFold<T>& a) {
    for (Index c = 0; c < a.channels; ++c) {
      a.inv_std[c] = T{1} / std::sqrt(a.var[c] + a.eps);
      a.scale[c] = a.gamma[c] * a.inv_std[c];
      a.shift[c] = a.beta[c] - a.mean[c] * a.scale[c];
    }
  }
  void run(const RunningUpdate<T>& a) {
    const T rows = static_cast<T>(a.rows), unbiased = a.rows > 1 ? rows / (rows - 1) : T{1}, m = a.momentum;
    for (Index c = 0; c < a.channels; ++c) {
      const Index v = a.channels + c;
      a.next[c] = (1 - m) * a.old[c] + m * a.mean[c];
      a.next[v] = (1 - m) * a.old[v] + m * unbiased * a.var[c];
    }
  }

  void run(const NormReluPoolForward<T>& a) {
    each_window(a.g, [&](Index y, Index c, auto&& each_input) {
      T best = -std::numeric_limits<T>::infinity();
      each_input([&](Index x) { best = std::max(best, activate(a.g, a.x[x] * a.scale[c] + a.shift[c])); });
      a.y[y] = best;
    });
  }
  void run(const NormReluPoolBackward<T>& a) {
    const std::vector<T> e = through_pool(a);
    const Index rows = a.g.n * a.g.h * a.g.w;
    for (Index c = 0; c < a.g.c; ++c) {
      T sum{}, sum_xhat{};
      for (Index r = 0; r < rows; ++r) {
        const T v = e[to_size(r * a.g.c + c)];
        sum += v;
        sum_xhat += v * (a.x[r * a.g.c + c] - a.mean[c]) * a.inv_std[c];
      }
      a.dgamma[c] += sum_xhat;
      a.dbeta[c] += sum;
      if (!a.dx) continue;
      const T m = static_cast<T>(rows);
      for (Index r = 0; r < rows; ++r) {
        const Index i = r * a.g.c + c;
        const T xhat = (a.x[i] - a.mean[c]) * a.inv_std[c];
        const T centred = a.batch_statistics ? e[to_size(i)] - sum / m - xhat * sum_xhat / m : e[to_size(i)];
        a.dx[i] = a.scale[c] * centred;
      }
    }
  }

  void run(const NormReluPoolBackwardData<T>& a) {
    const std::vector<T> e = through_pool(a);
    const T m = static_cast<T>(a.rows);
    for (Index i = 0; i < a.g.in_count(); ++i) {
      const Index c = i % a.g.c;
      const T xhat = (a.x[i] - a.mean[c]) * a.inv_std[c];
      a.dx[i] = a.scale[c] * (e[to_size(i)] - a.sum_e[c] / m - xhat * a.sum_exhat[c] / m);
    }
  }

  void run(const Copy<T>& a) { std::copy_n(a.x, a.count, a.y); }
  void run(const Fill<T>& a) { std::fill_n(a.y, a.count, a.value); }
  void run(const ReluForward<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = std::max(a.x[i], T{});
  }
  void run(const ReluBackward<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.dx[i] = a.y[i] > T{} ? a.dy[i] : T{};
  }
  void run(const Scale<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = a.alpha * a.x[i] + (a.accumulate ? a.y[i] : T{});
  }
  void run(const Add<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = a.a[i] + a.b[i];
  }

  void run(const GlobalPoolForward<T>& a) {
    for (Index n = 0; n < a.n; ++n)
      for (Index c = 0; c < a.c; ++c) {
        T sum{};
        for (Index p = 0; p < a.positions; ++p) sum += a.x[(n * a.positions + p) * a.c + c];
        a.y[n * a.c + c] = sum / static_cast<T>(a.positions);
      }
  }
  void run(const GlobalPoolBackward<T>& a) {
    for (Index n = 0; n < a.n; ++n)
      for (Index p = 0; p < a.positions; ++p)
        for (Index c = 0; c < a.c; ++c)
          a.dx[(n * a.positions + p) * a.c + c] = a.dy[n * a.c + c] / static_cast<T>(a.positions);
  }

  void run(const L2NormalizeForward<T>& a) {
    for (Index r = 0; r < a.rows; ++r) {
      T squares{};
      for (Index c = 0; c < a.cols; ++c) squares += a.x[r * a.cols + c] * a.x[r * a.cols + c];
      a.norm[r] = std::max(std::sqrt(squares), a.eps);
      for (Index c = 0; c < a.cols; ++c) a.y[r * a.cols + c] = a.x[r * a.cols + c] / a.norm[r];
    }
  }
  void run(const L2NormalizeBackward<T>& a) {
    for (Index r = 0; r < a.rows; ++r) {
      T dot{};
      for (Index c = 0; c < a.cols; ++c) dot += a.y[r * a.cols + c] * a.dy[r * a.cols + c];
      for (Index c = 0; c < a.cols; ++c) {
        const Index i = r * a.cols + c;
        a.dx[i] = (a.dy[i] - a.y[i] * dot) / a.norm[r];
      }
    }
  }

  void run(const OffDiagonalCrossEntropy<T>& a) {
    double loss = 0;
    for (Index r = a.first; r < a.first + a.rows; ++r) {
      T* s = a.s + (r - a.first) * a.cols;
      const Index hit = a.target[r];
      T top = -std::numeric_limits<T>::infinity();
      for (Index k = 0; k < a.cols; ++k)
        if (k != r) top = std::max(top, s[k]);
      const T logit = s[hit];
      T sum{};
      for (Index k = 0; k < a.cols; ++k) sum += s[k] = k == r ? T{} : std::exp(s[k] - top);
      loss += static_cast<double>(std::log(sum) + top - logit);
      for (Index k = 0; k < a.cols; ++k) s[k] = (s[k] / sum - (k == hit ? T{1} : T{})) / static_cast<T>(a.cols);
    }
    leave_value(a.loss, a.sum, loss / static_cast<double>(a.cols));
  }

  void run(const Dot<T>& a) {
    T sum{};
    for (Index i = 0; i < a.count; ++i) sum += a.a[i] * a.b[i];
    leave_value(a.value, a.sum, static_cast<double>(a.alpha * sum));
  }
  void run(const RowDots<T>& a) {
    for (Index r = 0; r < a.rows; ++r) {
      T sum{};
      for (Index c = 0; c < a.cols; ++c) sum += a.a[r * a.cols + c] * a.b[r * a.cols + c];
      a.out[r * a.stride] = a.alpha * sum;
    }
  }
  void run(const ScaleRows<T>& a) {
    for (Index r = 0; r < a.rows; ++r)
      for (Index i = r * a.cols; i < (r + 1) * a.cols; ++i)
        a.y[i] = a.alpha * a.factor[r * a.stride] * a.x[i] + (a.accumulate ? a.y[i] : T{});
  }
  void run(const OneHotRows<T>& a) {
    std::fill_n(a.y, a.rows * a.cols, T{});
    for (Index r = 0; r < a.rows; ++r) {
      const Index q = a.first + r;
      a.y[r * a.cols + (q % a.period + a.shift * (q / a.period)) % a.cols] = T{1};
    }
  }
  void run(const ColumnScores<T>& a) {
    for (Index i = 0; i < a.rows * a.cols; ++i) {
      const T s = a.score == WeightScore::taylor ? a.g[i] * a.w[i] : a.g[i];
      a.columns[i % a.cols] += static_cast<double>(s * s);
    }
  }

  void run(const SoftmaxRows<T>& a) {
    for (Index r = 0; r < a.rows; ++r) {
      const T* x = a.x + r * a.cols;
      T* y = a.y + r * a.cols;
      T top = -std::numeric_limits<T>::infinity(), sum{};
      for (Index k = 0; k < a.cols; ++k) y[k] = a.scale * (x[k] - (a.shift ? a.shift[k] : T{}));
      for (Index k = 0; k < a.cols; ++k) top = std::max(top, y[k]);
      for (Index k = 0; k < a.cols; ++k) sum += y[k] = std::exp(y[k] - top);
      for (Index k = 0; k < a.cols; ++k) y[k] /= sum;
    }
  }
  void run(const SoftmaxCrossEntropy<T>& a) {
    double loss = 0;
    for (Index r = 0; r < a.rows; ++r) {
      T* s = a.s + r * a.cols;
      const T* target = a.target + r * a.cols;
      T top = -std::numeric_limits<T>::infinity(), sum{}, mass{}, hit{};
      for (Index k = 0; k < a.cols; ++k) top = std::max(top, a.scale * s[k]);
      for (Index k = 0; k < a.cols; ++k) mass += target[k], hit += target[k] * a.scale * s[k];
      for (Index k = 0; k < a.cols; ++k) sum += s[k] = std::exp(a.scale * s[k] - top);
      loss += static_cast<double>(mass * (std::log(sum) + top) - hit);
      for (Index k = 0; k < a.cols; ++k) s[k] = a.weight * a.scale * (mass * s[k] / sum - target[k]);
    }
    leave_value(a.loss, a.sum, static_cast<double>(a.weight) * loss);
  }
  void run(const GeluForward<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = a.x[i] * normal_below(a.x[i]);
  }
  void run(const GeluBackward<T>& a) {
    for (Index i = 0; i < a.count; ++i) {
      const T density = std::exp(-a.x[i] * a.x[i] / 2) / std::sqrt(2 * std::numbers::pi_v<T>);
      a.dx[i] = a.dy[i] * (normal_below(a.x[i]) + a.x[i] * density);
    }
  }

  void run(const MaskedCopy<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = a.mask[i] & a.bit ? a.x[i] : T{};
  }
  void run(const MaskedAdd<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] += a.mask[i] & a.bit ? a.alpha * a.x[i] : T{};
  }
  void run(const MaskedRefill<T>& a) {
    for (Index i = 0; i < a.count; ++i)
      if (!(a.mask[i] & a.bit)) a.y[i] = a.x[i];
  }

  void run(const ImportanceAverage<T>& a) {
    for (Index i = 0; i < a.count; ++i) {
      T s = a.g[i];
      if (a.score == ImportanceScore::taylor) s = (a.g[i] * a.w[i]) * (a.g[i] * a.w[i]);
      if (a.score == ImportanceScore::magnitude) s = a.w[i];
      a.average[i] = a.keep * a.average[i] + (1 - a.keep) * std::abs(s);
    }
  }

  void run(const AdamWUpdate<T>& a) {
    for (Index i = 0; i < a.count; ++i) {
      const AdamCorrection& c = a.correction[a.cohort ? a.cohort[i] : 0];
      a.m[i] = a.beta1 * a.m[i] + (1 - a.beta1) * a.g[i];
      a.v[i] = a.beta2 * a.v[i] + (1 - a.beta2) * a.g[i] * a.g[i];
      const T m_hat = a.m[i] / static_cast<T>(c.first), v_hat = a.v[i] / static_cast<T>(c.second);
      a.w[i] -= a.rate * (m_hat / (std::sqrt(v_hat) + a.eps) + a.decay * a.w[i]);
    }
  }
  void run(const SgdUpdate<T>& a) {
    for (Index i = 0; i < a.count; ++i) {
      const T e = a.g[i] + a.decay * a.w[i];
      a.m[i] = a.momentum * a.m[i] + e;
      a.w[i] -= a.rate * (a.nesterov ? e + a.momentum * a.m[i] : a.m[i]);
    }
  }
  void run(const ClipNorm<T>& a) {
    double squares = 0;
    for (Index i = 0; i < a.count; ++i) squares += static_cast<double>(a.g[i]) * static_cast<double>(a.g[i]);
    *a.norm = std::sqrt(squares);
    if (!(*a.norm > static_cast<double>(a.limit)) || !std::isfinite(*a.norm)) return;
    const T factor = static_cast<T>(static_cast<double>(a.limit) / *a.norm);
    for (Index i = 0; i < a.count; ++i) a.g[i] *= factor;
  }
  void run(const EmaUpdate<T>& a) {
    for (Index i = 0; i < a.count; ++i) a.target[i] = a.decay * a.target[i] + (1 - a.decay) * a.source[i];
  }

 private:
  Threads threads_{1};

  /// Φ(x), by erfc so that it keeps its digits far below 0.
  static T normal_below(T x) { return std::erfc(-x / std::numbers::sqrt2_v<T>) / 2; }
  static T activate(const NormGeometry& g, T v) { return g.relu ? std::max(v, T{}) : v; }

  /// Calls at_output(y, o) once per output element and at_tap(y, x, w) once per product, with flat indices.
  template <class AtOutput, class AtTap>
  static void each_tap(const ConvGeometry& g, AtOutput&& at_output, AtTap&& at_tap) {
    for (Index n = 0; n < g.n; ++n)
      for (Index i = 0; i < g.out_h(); ++i)
        for (Index j = 0; j < g.out_w(); ++j)
          for (Index o = 0; o < g.o; ++o) {
            const Index y = ((n * g.out_h() + i) * g.out_w() + j) * g.o + o;
            at_output(y, o);
            for (Index u = 0; u < g.kernel; ++u)
              for (Index v = 0; v < g.kernel; ++v) {
                const Index row = i * g.stride + u - g.pad, col = j * g.stride + v - g.pad;
                if (row < 0 || row >= g.h || col < 0 || col >= g.w) continue;
                for (Index c = 0; c < g.c; ++c)
                  at_tap(y, ((n * g.h + row) * g.w + col) * g.c + c, ((u * g.kernel + v) * g.c + c) * g.o + o);
              }
          }
  }

  /// Calls at_output(y, c, each_input) once per pooled element; each_input(f) calls f(x) for its window, row by row.
  template <class AtOutput>
  static void each_window(const NormGeometry& g, AtOutput&& at_output) {
    for (Index n = 0; n < g.n; ++n)
      for (Index i = 0; i < g.out_h(); ++i)
        for (Index j = 0; j < g.out_w(); ++j)
          for (Index c = 0; c < g.c; ++c)
            at_output(((n * g.out_h() + i) * g.out_w() + j) * g.c + c, c, [&](auto&& f) {
              for (Index u = 0; u < g.pool; ++u)
                for (Index v = 0; v < g.pool; ++v) f(((n * g.h + i * g.pool + u) * g.w + j * g.pool + v) * g.c + c);
            });
  }
  /// dy routed back through pool and activation: e in the formulas of NormReluPoolBackward.
  template <class Op>
  static std::vector<T> through_pool(const Op& a) {
    std::vector<T> e(to_size(a.g.in_count()), T{});
    each_window(a.g, [&](Index y, Index c, auto&& each_input) {
      T best = -std::numeric_limits<T>::infinity();
      Index at = -1;
      each_input([&](Index x) {
        const T v = a.x[x] * a.scale[c] + a.shift[c];
        if (at < 0 || v > best) best = v, at = x;
      });
      if (!a.g.relu || best > T{}) e[to_size(at)] = a.dy[y];
    });
    return e;
  }
};

}  // namespace sseg
