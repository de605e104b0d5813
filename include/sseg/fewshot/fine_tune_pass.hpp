#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/fewshot/last_stage.hpp"
#include "sseg/layer/l2_normalize.hpp"
#include "sseg/layer/weight_norm_linear.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// A copy of the last stage with a cosine head for `way` classes, and its loss on some images. Batch norm is in
/// evaluation mode throughout: an image's output never depends on the others.
///   z = cos(w_k, stage(x)),   loss = 1/n·Σ_i −log softmax(scale·z_i)[label_i]
template <class T>
class FineTunePass {
 public:
  using Net = Chain<EvolvableCnn<Flatten>, L2Normalize, WeightNormLinear>;

  FineTunePass(const LastStage<T>& from, Index way)
      : map_(from.map),
        net_(chain(from.stage, L2Normalize{}, WeightNormLinear{from.features(), way})),
        store_(make_store<T>(net_, 2, Rng(0))) {
    std::copy_n(from.value.data(), from.value.size(), store_.value.data());
    std::copy_n(from.state.data(), from.state.size(), store_.state.data());
  }

  const Net& net() const { return net_; }
  ParamStore<T>& store() { return store_; }

  /// Cosines:(n, way) of rows of the last stage's input; they live until the next call.
  template <class B>
  View<const T> cosines(B& backend, const std::vector<T>& rows) {
    static_assert(CheckOnHost<B>::ok);
    return trace_.forward(backend, net_, store_, pictures(rows), Mode::eval, false);
  }

  /// The head's weights become the mean unit features of the classes, each of `count` of the rows.
  template <class B>
  void start_at_means(B& backend, const std::vector<T>& rows, std::span<const Index> label,
                      const std::vector<Index>& count) {
    static_assert(CheckOnHost<B>::ok);
    const auto body = chain(std::get<0>(net_.layers), L2Normalize{});
    const View<const T> unit = trace_.infer(backend, body, store_, pictures(rows));
    const Index dim = unit.shape[1];
    T* const head = store_.value.data() + body.param_count();
    std::fill_n(head, static_cast<Index>(count.size()) * dim, T{});
    for (std::size_t i = 0; i < label.size(); ++i)
      for (Index d = 0; d < dim; ++d)
        head[label[i] * dim + d] +=
            unit.data[static_cast<Index>(i) * dim + d] / static_cast<T>(count[to_size(label[i])]);
  }

  /// The loss; its gradient goes to `store().grad`.
  template <class B>
  double loss(B& backend, const std::vector<T>& rows, std::span<const Index> label, T scale) {
    const View<const T> cosine = cosines(backend, rows);
    const Index n = cosine.shape[0], way = cosine.shape[1];
    slope_.assign(cosine.flat().begin(), cosine.flat().end());
    target_.assign(slope_.size(), T{});
    for (Index i = 0; i < n; ++i) target_[to_size(i * way + label[to_size(i)])] = T{1};
    double value = 0;
    dispatch(backend,
             SoftmaxCrossEntropy<T>{n, way, scale, T{1} / static_cast<T>(n), slope_.data(), target_.data(), &value});
    store_.zero_grad();
    trace_.backward(backend, net_, store_, pictures(rows), View<const T>{slope_.data(), cosine.shape}, false,
                    Mode::eval);
    return value;
  }

 private:
  View<const T> pictures(const std::vector<T>& rows) const {
    return {rows.data(), {static_cast<Index>(rows.size()) / map_.count(), map_[0], map_[1], map_[2]}};
  }

  Shape map_;
  Net net_;
  ParamStore<T> store_;
  Trace<T> trace_;
  std::vector<T> slope_, target_;
};

}  // namespace sseg
