#pragma once
#include <string_view>
#include <utility>

#include "sseg/concepts/loss_term.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/optim/schedule.hpp"

namespace sseg {

/// One self-supervised task of an Objective: a loss, the head whose outputs it reads, and its weight over the run.
/// A task that is off has no head and costs nothing; where the weight is 0 at a step, the task is skipped there.
/// While `frozen_steps` last, the head's last layer gets no gradient (DINO holds its prototypes still at first).
template <class Loss, class H = ProjectionHead, Scheduler Weight = Constant>
struct Term {
  using Head = H;
  static constexpr std::string_view name = Loss::name;
  static constexpr Sees sees = sees_of<Loss>;
  static constexpr bool needs_teacher = sseg::needs_teacher<Loss>;

  Loss loss{};
  Weight weight{};
  bool on = true;
  Index frozen_steps = 0;
  bool operator==(const Term&) const = default;

  bool active(Progress at) const { return on && weight(at) != 0; }
};

/// `task(NtXent{…})`: a term with the usual projector and a constant weight.
template <class Loss>
Term<Loss> task(Loss loss, float weight = 1) {
  return {.loss = std::move(loss), .weight = {weight}};
}

}  // namespace sseg
