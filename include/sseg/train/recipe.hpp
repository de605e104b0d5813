#pragma once
#include <concepts>
#include <optional>
#include <utility>

#include "sseg/augment/multi_crop.hpp"
#include "sseg/evolve/gap_gate.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/collapse_monitor.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/train/curriculum_order.hpp"
#include "sseg/train/routing.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// The policies of a run; each is a plain value of its own type. `Paths`: NoRouting or RoutingPolicy.
template <class Views, class Loss, class Optim, class Rate, class Growth, class Paths = NoRouting>
struct Recipe {
  using Heads = typename Loss::Heads;
  static constexpr bool may_route = std::same_as<Paths, RoutingPolicy>;  ///< otherwise no code is made for it
  static_assert(may_route || std::same_as<Paths, NoRouting>,
                "sseg::Recipe: what a recipe says of paths is sseg::NoRouting or sseg::RoutingPolicy.");
  Views views;     ///< MultiCrop
  Loss objective;  ///< Objective
  Optim optimizer;
  Rate rate;
  EmaTeacher teacher;
  Growth growth;
  Paths routing{};
  CollapseConfig collapse{};
  Rewarm rewarm{};                               ///< after a mutation that changed the function
  GapGate gap{};                                 ///< what the positive path must lack before the net grows
  std::optional<CurriculumPolicy> curriculum{};  ///< which images when; without one, all alike
};

/// A Recipe with its types deduced.
template <class Views, class Loss, class Optim, class Rate, class Growth, class Paths = NoRouting>
Recipe<Views, Loss, Optim, Rate, Growth, Paths> make_recipe(Views views, Loss objective, Optim optimizer, Rate rate,
                                                            EmaTeacher teacher, Growth growth, Paths routing = {}) {
  return {std::move(views), std::move(objective), std::move(optimizer), std::move(rate),
          teacher,          std::move(growth),    std::move(routing)};
}

}  // namespace sseg
