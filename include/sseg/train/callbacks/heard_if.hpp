#pragma once
#include <optional>
#include <utility>

#include "sseg/concepts/callback.hpp"

namespace sseg {

/// A callback that is there or not: of several processes that train together, one writes files. Where it is not, it is
/// not even made, and nothing is heard.
template <class C>
class HeardIf {
 public:
  /// C(arguments…), if `wanted`.
  template <class... Args>
  explicit HeardIf(bool wanted, Args&&... arguments) {
    if (wanted) inner_.emplace(std::forward<Args>(arguments)...);
  }

  /// Null where it is not.
  C* get() { return inner_ ? &*inner_ : nullptr; }

  void on_step(const StepInfo& i) requires HearsStep<C> {
    if (inner_) inner_->on_step(i);
  }
  void on_probe(const ProbeInfo& i) requires HearsProbe<C> {
    if (inner_) inner_->on_probe(i);
  }
  template <class Record>
  requires HearsMutation<C, Record>
  void on_mutation(const Record& r) {
    if (inner_) inner_->on_mutation(r);
  }
  template <class State>
  requires HearsState<C, State>
  void on_state(const State& s) {
    if (inner_) inner_->on_state(s);
  }
  template <class Report>
  requires requires(C& c, const Report& r) { c.on_collapse(r); }
  void on_collapse(const Report& r) {
    if (inner_) inner_->on_collapse(r);
  }
  void on_end(const EndInfo& i) requires HearsEnd<C> {
    if (inner_) inner_->on_end(i);
  }

 private:
  std::optional<C> inner_;
};

}  // namespace sseg
