#pragma once
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/gradient_norm_sensitivity.hpp"
#include "sseg/evolve/keep_ratio_sensitivity.hpp"
#include "sseg/evolve/sensitivity.hpp"
#include "sseg/net/copy_to_host.hpp"

namespace sseg {

/// A sensitivity chosen by name at run time: taylor, gradient_norm or keep_ratio.
class SensitivityMeter {
 public:
  /// Throws: Error naming the choices.
  explicit SensitivityMeter(std::string method = "taylor", double momentum = 0.9)
      : method_(std::move(method)),
        momentum_(momentum),
        all_(TaylorSensitivity(momentum), GradientNormSensitivity(momentum), KeepRatioSensitivity(0.5, momentum)) {
    if (method_ != TaylorSensitivity::name && method_ != GradientNormSensitivity::name &&
        method_ != KeepRatioSensitivity::name)
      throw Error("no sensitivity '" + method_ + "'", "sensitivity_method", "give taylor, gradient_norm or keep_ratio");
  }
  const std::string& method() const { return method_; }
  double momentum() const { return momentum_; }

  /// Call after backward, before the optimizer. Allocates only where the net's layout is new.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    with([&](auto& s) { s.observe(net, store); });
  }
  /// The same where the store lies where the backend's arrays do.
  template <class B, class Readout, class Head, class T>
  void observe(B& backend, const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    if constexpr (HasMemory<B>) {
      if (counts_masks()) return observe(net, seen_by_host(store));  // it sorts all weights
      std::apply([&](auto&... s) { (observe_there(s, backend, net, store), ...); }, all_);
    } else {
      observe(net, store);
    }
  }
  /// The same in parts, as WeightSensitivity has them, where nobody has to wait: a keep ratio is of all weights.
  template <class B, class Readout, class Head, class T>
  void count(B& backend, const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    if (counts_masks()) return observe(backend, net, store);
    with_weights([&](auto& s) { s.count(backend, net, store); });
  }
  template <class B>
  void put_aside(B& backend, std::span<const double> overflow = {}) {
    with_weights([&](auto& s) { s.put_aside(backend, overflow); });
  }
  void settle() {
    with_weights([](auto& s) { s.settle(); });
  }
  /// Whether a router's masks say what it counts.
  bool counts_masks() const { return method_ == KeepRatioSensitivity::name; }
  /// The same where the run routes: a router's masks say what a keep ratio counts. Looks at no tensor then.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store, const Masks& masks) {
    if (counts_masks())
      std::get<KeepRatioSensitivity>(all_).observe(net, store, masks);
    else
      observe(net, store);
  }
  /// After a mutation: the values of the new layout.
  template <class Readout, class Head>
  void align(const Learner<Readout, Head>& net) {
    with([&](auto& s) { s.align(net); });
  }
  /// Gives back what it holds where a backend's arrays lie; the next `observe` takes it again.
  void leave_backend() {
    std::get<TaylorSensitivity>(all_).leave_backend();
    std::get<GradientNormSensitivity>(all_).leave_backend();
  }
  /// One value a stage, in order. Empty before the first `observe`.
  std::span<const double> values() const {
    std::span<const double> v;
    with([&](const auto& s) { v = s.values(); });
    return v;
  }
  /// One value a channel of the stage at this position.
  std::span<const double> channels(Index stage) const {
    std::span<const double> v;
    with([&](const auto& s) { v = s.channels(stage); });
    return v;
  }
  StageScoresRecord record() const {
    StageScoresRecord r;
    with([&](const auto& s) { r = s.record(); });
    return r;
  }
  void restore(const std::vector<double>& values) {
    with([&](auto& s) { s.restore(values); });
  }
  void restore(const StageScoresRecord& r) {
    with([&](auto& s) { s.restore(r); });
  }

 private:
  template <class F>
  void with(F&& f) {
    std::apply([&](auto&... s) { ((s.name == method_ ? f(s) : void()), ...); }, all_);
  }
  template <class F>
  void with(F&& f) const {
    std::apply([&](const auto&... s) { ((s.name == method_ ? f(s) : void()), ...); }, all_);
  }

  template <class F>
  void with_weights(F&& f) {
    if (method_ == TaylorSensitivity::name) f(std::get<TaylorSensitivity>(all_));
    if (method_ == GradientNormSensitivity::name) f(std::get<GradientNormSensitivity>(all_));
  }

  template <class Score, class B, class Net, class T>
  void observe_there(WeightSensitivity<Score>& s, B& backend, const Net& net, const ParamStore<T>& store) {
    if (s.name == method_) s.observe(backend, net, store);
  }
  template <class B, class Net, class T>
  void observe_there(KeepRatioSensitivity&, B&, const Net&, const ParamStore<T>&) {}

  /// Values and gradients, brought to the host.
  template <class T>
  static ParamStore<T> seen_by_host(const ParamStore<T>& store) {
    ParamStore<T> here;
    copy_to_host(store, here);
    return here;
  }

  std::string method_;
  double momentum_;
  std::tuple<TaylorSensitivity, GradientNormSensitivity, KeepRatioSensitivity> all_;
};

}  // namespace sseg
