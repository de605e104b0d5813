#pragma once
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/ssl/collapse_monitor.hpp"

namespace sseg {

/// NT-Xent on two global views (Chen et al. 2020).
struct ContrastiveConfig {
  float weight = 1;
  float final_weight = -1;  ///< at the end of the run, reached linearly; negative: as `weight`
  float temperature = 0.1f;
  bool operator==(const ContrastiveConfig&) const = default;
};

/// The averaged teacher, and the distillation of its features into the student.
struct DistillationConfig {
  float weight = 0;
  float final_weight = -1;                     ///< at the end of the run, reached linearly; negative: as `weight`
  std::string kind = "cosine";                 ///< mse, cosine or kl
  float temperature = 0.2f;                    ///< of kl
  float ema_decay = 0.996f;                    ///< of the teacher, whoever learns from it
  float final_ema_decay = -1;                  ///< at the end of the run, by a cosine; negative: as `ema_decay`
  std::string teacher_statistics = "average";  ///< of the teacher's norms: average or student, see EmaTeacher
  bool operator==(const DistillationConfig&) const = default;
};

/// Self-distillation with multi-crop (Caron et al. 2021).
struct DinoConfig {
  float weight = 0;
  float final_weight = -1;  ///< at the end of the run, reached linearly; negative: as `weight`
  Index hidden = 256, bottleneck = 64, prototypes = 512;
  float student_temperature = 0.1f;
  float teacher_temperature = 0.04f, warmup_teacher_temperature = 0.04f;
  float warmup_share = 0.3f;  ///< share of the run over which the teacher's temperature warms up
  float center_momentum = 0.9f;
  Index frozen_steps = 100;  ///< steps without a gradient for the prototypes
  Index local_crops = 6;
  float local_scale_min = 0.15f, local_scale_max = 0.5f;  ///< area of a local crop
  bool operator==(const DinoConfig&) const = default;
};

/// Telling which of four quarter turns a picture has (Gidaris et al. 2018).
struct RotationConfig {
  bool enabled = false;
  float weight = 0.5f;
  float final_weight = -1;  ///< at the end of the run, reached linearly; negative: as `weight`
  Index copies = 1;         ///< rotated copies of every image, 4: each turn once
  bool operator==(const RotationConfig&) const = default;
};

/// Images as classes (Medina et al. 2020).
struct ProtoClrConfig {
  float weight = 0;
  float final_weight = -1;  ///< at the end of the run, reached linearly; negative: as `weight`
  float temperature = 1;
  Index queries = 3;  ///< augmented views beside the first; all weighted terms share them
  bool clean = true;  ///< the first view is the undistorted image
  bool operator==(const ProtoClrConfig&) const = default;
};

struct ProjectorConfig {
  Index hidden = 256, out = 128;
  bool operator==(const ProjectorConfig&) const = default;
};

/// The self-supervised tasks of a run and their weights; 0 switches one off.
struct SslConfig {
  ContrastiveConfig contrastive;
  DistillationConfig distillation;
  DinoConfig dino;
  RotationConfig rotation;
  ProtoClrConfig proto_clr;
  ProjectorConfig projector;
  CollapseConfig collapse;
  bool operator==(const SslConfig&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::ContrastiveConfig, weight, final_weight, temperature);
SSEG_FIELDS(sseg::DistillationConfig, weight, final_weight, kind, temperature, ema_decay, final_ema_decay,
            teacher_statistics);
SSEG_FIELDS(sseg::DinoConfig, weight, final_weight, hidden, bottleneck, prototypes, student_temperature,
            teacher_temperature, warmup_teacher_temperature, warmup_share, center_momentum, frozen_steps, local_crops,
            local_scale_min, local_scale_max);
SSEG_FIELDS(sseg::RotationConfig, enabled, weight, final_weight, copies);
SSEG_FIELDS(sseg::ProtoClrConfig, weight, final_weight, temperature, queries, clean);
SSEG_FIELDS(sseg::ProjectorConfig, hidden, out);
SSEG_FIELDS(sseg::SslConfig, contrastive, distillation, dino, rotation, proto_clr, projector, collapse);

namespace sseg {

/// The weight of a task from the start of the run to its end; a task of weight 0 throughout is off.
struct TaskWeight {
  float from = 0, to = 0;
  constexpr bool on() const { return from > 0 || to > 0; }
};
template <class Task>
constexpr TaskWeight task_weight(const Task& t) {
  return {t.weight, t.final_weight < 0 ? t.weight : t.final_weight};
}

namespace detail {
constexpr bool head_size(Index n) { return n > 0 && n <= 1 << 16; }
}  // namespace detail

/// Throws: Error naming the setting that makes no sense.
inline void check_ssl(const SslConfig& c) {
  const DinoConfig& d = c.dino;
  require(c.contrastive.weight >= 0 && c.distillation.weight >= 0 && d.weight >= 0 && c.rotation.weight >= 0 &&
              c.proto_clr.weight >= 0,
          "a weight is negative", "ssl", "give 0 to switch a task off, or a positive weight");
  require(task_weight(c.contrastive).on() || task_weight(c.distillation).on() || task_weight(d).on() ||
              (c.rotation.enabled && task_weight(c.rotation).on()) || task_weight(c.proto_clr).on(),
          "every self-supervised task is switched off", "ssl", "give at least one of them a positive weight");
  require(c.contrastive.temperature > 0, "the temperature must be positive", "ssl.contrastive.temperature",
          "give 0.05 to 1");
  require(c.distillation.ema_decay >= 0 && c.distillation.ema_decay < 1, "the decay is out of range",
          "ssl.distillation.ema_decay", "give 0.9 to 0.9999");
  require(c.distillation.final_ema_decay <= 1, "the decay is out of range", "ssl.distillation.final_ema_decay",
          "give 0.9 to 1, or a negative number for no change");
  require(c.distillation.teacher_statistics == "average" || c.distillation.teacher_statistics == "student",
          "no such statistics", "ssl.distillation.teacher_statistics", "give average or student");
  require(c.distillation.kind == "mse" || c.distillation.kind == "cosine" || c.distillation.kind == "kl",
          "no such distillation", "ssl.distillation.kind", "give mse, cosine or kl");
  require(c.distillation.temperature > 0, "the temperature must be positive", "ssl.distillation.temperature",
          "give 0.05 to 4");
  require(detail::head_size(d.hidden) && detail::head_size(d.bottleneck) && detail::head_size(d.prototypes) &&
              d.prototypes >= 2,
          "the head needs positive sizes", "ssl.dino", "give 1 or more, and 2 or more prototypes");
  require(d.student_temperature > 0 && d.teacher_temperature > 0 && d.warmup_teacher_temperature > 0 &&
              d.warmup_share >= 0 && d.warmup_share <= 1 && d.center_momentum >= 0 && d.center_momentum < 1 &&
              d.frozen_steps >= 0,
          "the temperatures and momenta make no sense", "ssl.dino",
          "give positive temperatures, a share of 0 to 1, and a momentum below 1");
  require(d.local_crops >= 0 && d.local_crops <= 64 && d.local_scale_min > 0 &&
              d.local_scale_min <= d.local_scale_max && d.local_scale_max <= 1,
          "the local crops make no sense", "ssl.dino", "give 0 to 64 crops of a share of 0 to 1 of the picture");
  require(c.rotation.copies >= 1 && c.rotation.copies <= 4, "the number of rotated copies is out of range",
          "ssl.rotation.copies", "give 1 to 4");
  require(c.proto_clr.temperature > 0 && c.proto_clr.queries >= 1 && c.proto_clr.queries <= 16,
          "the numbers make no sense", "ssl.proto_clr", "give a positive temperature and 1 to 16 queries");
  [[maybe_unused]] const CollapseMonitor sound(c.collapse);  // throws when its numbers make no sense
  require(detail::head_size(c.projector.hidden) && detail::head_size(c.projector.out),
          "the projector needs positive sizes", "ssl.projector", "give 1 or more");
}

}  // namespace sseg
