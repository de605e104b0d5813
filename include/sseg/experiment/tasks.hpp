#pragma once
#include "sseg/evolve/learner.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/distillation.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/ssl/rotation.hpp"

namespace sseg {

/// Every self-supervised task of the main job; a configuration switches and weights them.
template <class Loss, class Head = ProjectionHead>
using MainTask = Term<Loss, Head, Ramp>;
using MainObjective = Objective<MainTask<NtXent>, MainTask<Dino, DinoHead>, MainTask<Distillation<MeanSquare>>,
                                MainTask<Distillation<CosineDistance>>, MainTask<Distillation<KullbackLeibler>>,
                                MainTask<Rotation, RotationHead>, MainTask<ProtoClr>>;
/// What the main job trains and grows.
using MainNet = Learner<Flatten, MainObjective::Heads>;

inline MainObjective main_objective(const SslConfig& c) {
  const DinoConfig& d = c.dino;
  MainObjective all;
  auto& [contrastive, dino, mse, cosine, kl, rotation, proto] = all.terms;
  const auto set = [](auto& term, TaskWeight weight) {
    term.weight = {weight.from, weight.to};
    term.on = weight.on();
  };
  contrastive.loss.temperature = c.contrastive.temperature;
  set(contrastive, task_weight(c.contrastive));
  dino.loss = {.student_temperature = d.student_temperature,
               .teacher_temperature = d.teacher_temperature,
               .warmup_teacher_temperature = d.warmup_teacher_temperature,
               .warmup_share = d.warmup_share,
               .center_momentum = d.center_momentum};
  dino.frozen_steps = d.frozen_steps;
  set(dino, task_weight(d));
  const DistillationConfig& teach = c.distillation;
  kl.loss.divergence.temperature = teach.temperature;
  set(mse, teach.kind == "mse" ? task_weight(teach) : TaskWeight{});
  set(cosine, teach.kind == "cosine" ? task_weight(teach) : TaskWeight{});
  set(kl, teach.kind == "kl" ? task_weight(teach) : TaskWeight{});
  set(rotation, c.rotation.enabled ? task_weight(c.rotation) : TaskWeight{});
  proto.loss.temperature = c.proto_clr.temperature;
  set(proto, task_weight(c.proto_clr));
  return all;
}

/// A head for every task that is on, reading `features` features.
inline MainObjective::Heads main_heads(const SslConfig& c, Index features) {
  const MainObjective objective = main_objective(c);
  const ProjectionHead projector = projection_head(features, c.projector.hidden, c.projector.out);
  const DinoHead dino = dino_head(features, c.dino.hidden, c.dino.bottleneck, c.dino.prototypes);
  MainObjective::Heads heads;
  const std::tuple all{projector, dino, projector, projector, projector, rotation_head(features), projector};
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((std::get<I>(objective.terms).on ? void((heads.on[I] = true, std::get<I>(heads.heads) = std::get<I>(all)))
                                      : void()),
     ...);
  }
  (std::make_index_sequence<MainObjective::size>{});
  return heads;
}

/// How many views of every image the tasks need.
inline ViewCounts main_views(const SslConfig& c) {
  ViewCounts counts;
  if (task_weight(c.proto_clr).on()) counts.global = 1 + c.proto_clr.queries;
  counts.clean_first = task_weight(c.proto_clr).on() && c.proto_clr.clean;
  if (task_weight(c.dino).on()) counts.local = c.dino.local_crops;
  if (c.rotation.enabled && task_weight(c.rotation).on()) counts.rotated = c.rotation.copies;
  return counts;
}

}  // namespace sseg
