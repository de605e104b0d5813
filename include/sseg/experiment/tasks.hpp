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
using MainObjective =
    Objective<Term<NtXent>, Term<Dino, DinoHead>, Term<Distillation<MeanSquare>>, Term<Distillation<CosineDistance>>,
              Term<Distillation<KullbackLeibler>>, Term<Rotation, RotationHead>, Term<ProtoClr>>;
/// What the main job trains and grows.
using MainNet = Learner<Flatten, MainObjective::Heads>;

inline MainObjective main_objective(const SslConfig& c) {
  const DinoConfig& d = c.dino;
  MainObjective all;
  auto& [contrastive, dino, mse, cosine, kl, rotation, proto] = all.terms;
  const auto set = [](auto& term, float weight) {
    term.weight.value = weight;
    term.on = weight > 0;
  };
  contrastive.loss.temperature = c.contrastive.temperature;
  set(contrastive, c.contrastive.weight);
  dino.loss = {.student_temperature = d.student_temperature,
               .teacher_temperature = d.teacher_temperature,
               .warmup_teacher_temperature = d.warmup_teacher_temperature,
               .warmup_share = d.warmup_share,
               .center_momentum = d.center_momentum};
  dino.frozen_steps = d.frozen_steps;
  set(dino, d.weight);
  const DistillationConfig& teach = c.distillation;
  kl.loss.divergence.temperature = teach.temperature;
  set(mse, teach.kind == "mse" ? teach.weight : 0);
  set(cosine, teach.kind == "cosine" ? teach.weight : 0);
  set(kl, teach.kind == "kl" ? teach.weight : 0);
  set(rotation, c.rotation.enabled ? c.rotation.weight : 0);
  proto.loss.temperature = c.proto_clr.temperature;
  set(proto, c.proto_clr.weight);
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
  if (c.proto_clr.weight > 0) counts.global = 1 + c.proto_clr.queries;
  counts.clean_first = c.proto_clr.weight > 0 && c.proto_clr.clean;
  if (c.dino.weight > 0) counts.local = c.dino.local_crops;
  if (c.rotation.enabled) counts.rotated = c.rotation.copies;
  return counts;
}

}  // namespace sseg
