#pragma once
#include <list>

#include "sseg/backend/cuda/conv_plan.hpp"

namespace sseg::cuda {

/// The plans of one device: a problem is planned when it is first seen (some milliseconds) and its plan kept, up to
/// `most_kept` of them, after which the oldest goes.
class PlanCache {
 public:
  static constexpr std::size_t most_kept = 1024;

  /// Throws: Error when cuDNN has no plan for the problem.
  const ConvPlan& plan(const CudnnHandle& handle, const ConvProblem& problem) {
    for (const ConvPlan& one : plans_)
      if (one.problem() == problem) return one;
    if (plans_.size() == most_kept) plans_.pop_front();
    return plans_.emplace_back(handle, problem);
  }
  std::size_t size() const { return plans_.size(); }

 private:
  std::list<ConvPlan> plans_;
};

}  // namespace sseg::cuda
