#pragma once
#include <algorithm>
#include <cstdint>
#include <map>

#include "sseg/backend/cuda/conv_plan.hpp"

namespace sseg::cuda {

/// The plans of one device: a problem is planned when it is first seen (some milliseconds) and its plan kept. Of more
/// than `most` the one that was asked for longest ago goes: once nothing runs that was queued before, so not while the
/// stream is being captured.
class PlanCache {
 public:
  explicit PlanCache(std::size_t most = 1024) : most_(most) {}

  /// Valid until the next call. `before_drop()` is called before a plan goes. Throws: Error when cuDNN has no plan for
  /// the problem.
  template <class F>
  const ConvPlan& plan(const CudnnHandle& handle, const ConvProblem& problem, F&& before_drop) {
    auto found = plans_.find(problem);
    if (found == plans_.end()) {
      ConvPlan made(handle, problem);
      if (plans_.size() >= most_) {
        before_drop();
        if (handle.try_wait()) drop_oldest();
      }
      found = plans_.emplace(problem, Kept{std::move(made)}).first;
    }
    found->second.asked = ++asked_;
    return found->second.plan;
  }
  std::size_t size() const { return plans_.size(); }
  /// Plans that have gone. A captured graph that ran one must not run again.
  std::int64_t dropped() const { return dropped_; }

 private:
  struct Kept {
    ConvPlan plan;
    std::int64_t asked = 0;  ///< when, counted in questions
  };

  void drop_oldest() {
    plans_.erase(std::min_element(plans_.begin(), plans_.end(),
                                  [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; }));
    ++dropped_;
  }

  std::size_t most_;
  std::map<ConvProblem, Kept> plans_;
  std::int64_t asked_ = 0, dropped_ = 0;
};

}  // namespace sseg::cuda
