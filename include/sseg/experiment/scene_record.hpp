#pragma once
#include <string>

#include "sseg/curriculum/difficulty_scorer.hpp"
#include "sseg/curriculum/scene_painter.hpp"
#include "sseg/curriculum/synthetic_generator.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// How a picture was perturbed against a net, and what came of it.
struct SceneAttack {
  std::string net;  ///< which one
  float epsilon = 0;
  Index steps = 0;
  float feature_shift = 0;  ///< 1 - cos between the net's features of the picture before and after
};

/// One line of a curriculum's manifest: a picture and the truth behind it. Places and sizes in half sides from the
/// centre, angles in degrees; colours are R, G, B in [0, 1]. What a level does not have is 0, or an empty name.
struct SceneRecord {
  std::string file;
  Index level = 1;
  Index label = 0;
  std::string class_name;        ///< of the subject's shape, or of the texture on level 2
  std::string ground_texture{};  ///< empty: plain
  float ground_red = 0, ground_green = 0, ground_blue = 0;
  std::string subject_texture{};
  float red = 0, green = 0, blue = 0;  ///< of the subject
  float x = 0, y = 0, size = 0, angle = 0, stroke = 0, stretch = 0;
  Index objects = 0, occluders = 0;
  float visible = 1;  ///< share of the subject that no other object hides
  float noise = 0, shade = 0, spoilt = 0;
  double difficulty = 0;     ///< DifficultyScorer's, of the picture as it is written
  std::string attack_net{};  ///< see SceneAttack; empty: not attacked
  float attack_epsilon = 0;
  Index attack_steps = 0;
  float feature_shift = 0;
};

}  // namespace sseg

SSEG_FIELDS(sseg::SceneRecord, file, level, label, class_name, ground_texture, ground_red, ground_green, ground_blue,
            subject_texture, red, green, blue, x, y, size, angle, stroke, stretch, objects, occluders, visible, noise,
            shade, spoilt, difficulty, attack_net, attack_epsilon, attack_steps, feature_shift);

namespace sseg {

/// The line of a scene. `picture`: as it was painted, and maybe attacked.
inline SceneRecord scene_record(const SceneFactors& f, std::string file, std::string class_name,
                                View<const float> picture, const SceneAttack& attack = {}) {
  const auto texture = [](const TextureFactors& t) {
    return t.kind < 0 ? std::string() : std::string(texture_kinds::all[to_size(t.kind)].name);
  };
  SceneRecord r{.file = std::move(file), .level = f.level, .label = f.label, .class_name = std::move(class_name)};
  r.ground_texture = texture(f.ground);
  r.ground_red = f.ground.first[0], r.ground_green = f.ground.first[1], r.ground_blue = f.ground.first[2];
  if (f.subject >= 0) {
    const ObjectFactors& o = f.object[to_size(f.subject)];
    r.subject_texture = texture(o.paint);
    r.red = o.paint.first[0], r.green = o.paint.first[1], r.blue = o.paint.first[2];
    r.x = o.x, r.y = o.y, r.size = o.size, r.angle = o.angle, r.stroke = o.stroke, r.stretch = o.stretch;
  }
  r.objects = f.objects, r.occluders = f.occluders, r.visible = visible_share(f);
  r.noise = f.noise, r.shade = f.shade, r.spoilt = f.spoilt;
  r.difficulty = DifficultyScorer()(picture);
  r.attack_net = attack.net, r.attack_epsilon = attack.epsilon, r.attack_steps = attack.steps;
  r.feature_shift = attack.feature_shift;
  return r;
}

}  // namespace sseg
