#pragma once
#include <optional>

#include "sseg/fewshot/instance_probe.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// The probe of a student and of its positive path, shares in 0 … 1.
struct PathGap {
  double dense = 0, positive = 0;
  /// Near 0: the positive path is as good, so the net has capacity to spare. Large: the net uses what it has.
  double gap() const { return dense - positive; }
};

/// Measures the dense student and the student's positive path on the same probe: the same weights but for the mask,
/// each with its own running statistics. (The averaged teacher is not compared: averaging alone would make a gap.)
/// Empty where there is no gap to speak of: the run does not route, does not train the positive path, has not made a
/// step of it yet, or its masks still keep more than they shall in the end. The state is only read. Allocates.
template <class B, class Net>
std::optional<PathGap> measure_path_gap(B& backend, const InstanceProbe& probe,
                                        const TrainState<Net, typename B::Scalar>& s) {
  if (!s.routing) return {};
  const auto& r = *s.routing;
  const RouterConfig& c = r.router.config();
  if (s.step <= c.start_step || c.positive_weight == 0 || !r.router.settled()) return {};
  if (c.keep_ratio_in_use(s.step) > c.keep) return {};
  auto path = r.positive;  // what it holds are the weights before the last update
  path.load(backend, s.model.student, r.router.masks());
  return PathGap{probe.measure(backend, s.model.net, s.model.student),
                 probe.measure(backend, s.model.net, path.store())};
}

}  // namespace sseg
