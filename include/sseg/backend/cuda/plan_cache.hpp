#pragma once
#include <list>

#include "sseg/backend/cuda/conv_plan.hpp"

namespace sseg::cuda {

/// The plans of one device: a problem is planned when it is first seen (some milliseconds) and its plan kept, up to
/// `most_kept` of them, after which the oldest goes.
class PlanCache {
 public:
  static constexpr std::size_t most_kept = 1024;

  /// `before_drop()` is called before a plan goes. Throws: Error when cuDNN has no plan for the problem.
  template <class F>
  const ConvPlan& plan(const CudnnHandle& handle, const ConvProblem& problem, F&& before_drop) {
    for (const ConvPlan& one : plans_)
      if (one.problem() == problem) return one;
    if (plans_.size() == most_kept) {
      before_drop();
      plans_.pop_front();
    }
    return plans_.emplace_back(handle, problem);
  }
  std::size_t size() const { return plans_.size(); }

 private:
  std::list<ConvPlan> plans_;
};

}  // namespace sseg::cuda
