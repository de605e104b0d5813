#pragma once
#include <cmath>
#include <vector>

#include "sseg/augment/two_views.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/error.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// The forward and backward pass of one batch: loss and gradients, nothing updated but the running statistics.
/// Owns the workspace; the first call sizes it, later calls of the same shapes do not allocate.
template <class T>
class Step {
 public:
  /// z = net(views), loss(z), `store.grad` = ∂loss/∂w. Returns the loss. Throws: Error when it is not finite.
  template <class B, class Net, class Loss>
  double run(B& backend, const Net& net, ParamStore<T>& store, View<const T> views, const Loss& loss) {
    static_assert(LossTerm<Loss, B>,
                  "sseg: a loss term needs name, scratch(Shape) and "
                  "double operator()(B&, const LossArgs<Scalar>&) const.");
    const View<const T> z = trace_.forward(backend, net, store, views, Mode::train);
    dz_.reserve_at_least(z.shape.count());
    scratch_.reserve_at_least(loss.scratch(z.shape));
    pair_up(z.shape[0]);
    const View<T> dz{dz_.data(), z.shape};
    const double value = loss(backend, LossArgs<T>{z, dz, positive_, scratch_.span()});
    if (!std::isfinite(value))
      throw Error("the loss is not finite", "Step", "lower the learning rate or raise the temperature");
    store.zero_grad();
    trace_.backward(backend, net, store, views, dz);
    return value;
  }

  /// The workspace for other passes over the same net between steps.
  Trace<T>& trace() { return trace_; }

 private:
  void pair_up(Index rows) {
    if (static_cast<Index>(positive_.size()) == rows) return;
    positive_.resize(to_size(rows));
    for (Index r = 0; r < rows; ++r) positive_[to_size(r)] = TwoViews::positive(r, rows);
  }

  Trace<T> trace_;
  Buffer<T> dz_, scratch_;
  std::vector<Index> positive_;
};

}  // namespace sseg
