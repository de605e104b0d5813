#pragma once
#include "sseg/core/error.hpp"
#include "sseg/nase/any_criterion.hpp"
#include "sseg/nase/importance.hpp"
#include "sseg/train/step.hpp"

namespace sseg {

/// Scores the weights of a net that was trained without routing: gradients of the run's own objective over `batches`
/// batches, and no update of anything; a criterion that needs no gradient looks at the weights alone. `views(k)` gives
/// the views of batch k, as `Step::run` takes them; `memory` is what the losses remember. A batch whose gradients
/// overflow, on a backend that scales the loss, is taken again with a smaller scale.
/// Throws: Error when there is no batch where one is needed, or as `Step::run`.
template <class B, class Net, class Loss, class Next>
ImportanceScorer<AnyCriterion, typename B::Scalar> gather_importance(
    B& backend, const Net& net, ParamStore<typename B::Scalar> student, ParamStore<typename B::Scalar> teacher,
    const Loss& objective, LossMemory<typename B::Scalar> memory, const AnyCriterion& criterion, Index batches,
    Progress at, Next&& views) {
  using T = typename B::Scalar;
  ImportanceScorer<AnyCriterion, T> scores(criterion);
  if (criterion.memory() != ScoreMemory::average) {
    student.move_to(nullptr);
    scores.observe(student);
    return scores;
  }
  require(batches >= 1, "importance needs a batch", "gather_importance", "give one batch or more, or take magnitude");
  for (ParamStore<T>* store : {&student, &teacher}) store->move_to(memory_of(backend));
  Step<T> step;
  for (Index k = 0; k < batches; ++k) {
    const auto& pictures = views(k);
    const LossMemory<T> before = memory;
    step.run(backend, net, student, teacher, pictures, objective, memory, at, false);
    while (!step.finite()) {
      memory = before;
      step.run(backend, net, student, teacher, pictures, objective, memory, at, false);
    }
    scores.observe(backend, student);
  }
  scores.leave_backend();
  return scores;
}

}  // namespace sseg
