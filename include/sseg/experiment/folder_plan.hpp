#pragma once
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/folder_facts.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/meta/override.hpp"

namespace sseg {

/// What somebody wants of pretraining on a folder; the rest is chosen.
struct FolderWishes {
  double minutes = 10;
  Index image_size = 0;                  ///< 0: by the pictures
  std::string preset = "auto";           ///< photos, drawings, or auto: by the pictures
  std::vector<std::string> overrides{};  ///< SETTING=VALUE: these have the last word
};

/// The settings of a run on a folder, and for each choice one line that says why. `train.steps` and what follows from
/// it are not set yet: `fit_to_time`.
struct FolderPlan {
  static constexpr Index least_pictures = 64;
  /// How much dearer than the seed net a grown one may be, in multiply-adds of an image.
  static constexpr double most_growth = 1.25;

  RunConfig config;
  std::vector<std::string> reasons;
};

/// Throws: Error when a folder has fewer than `FolderPlan::least_pictures`.
inline void check_enough_pictures(Index pictures, const std::string& where) {
  if (pictures < FolderPlan::least_pictures)
    throw Error(std::to_string(pictures) + " pictures are too few to learn from", where,
                "bring at least " + std::to_string(FolderPlan::least_pictures) + "; some thousands are better");
}

namespace detail {

/// A drawing is warped, not mirrored and not recoloured: another one comes out otherwise.
inline PhotoConfig drawing_distortions() {
  PhotoConfig p;
  p.scale_min = 0.8f;
  p.flip = {.horizontal = 0, .vertical = 0};
  p.jitter.probability = 0;
  p.gray.probability = 0;
  p.warp = omniglot_config().augment.warp;
  p.warp_probability = 1;
  return p;
}

inline std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

inline Index side_for(Index short_side) { return short_side <= 40 ? 32 : short_side <= 56 ? 48 : 64; }

inline void choose_size(FolderPlan& plan, const FolderFacts& facts, const FolderWishes& wishes) {
  DataConfig& d = plan.config.data;
  require(wishes.image_size == 0 || (wishes.image_size >= 16 && wishes.image_size <= 512), "no size for this net",
          "--image_size", "give 16 to 512, or auto");
  d.image_size = wishes.image_size > 0 ? wishes.image_size : side_for(facts.short_side);
  const std::string side = std::to_string(d.image_size);
  plan.reasons.push_back(
      "pictures of " + side + "x" + side + ": " +
      (wishes.image_size > 0 ? "as asked for" : "their shorter side is mostly " + std::to_string(facts.short_side)));
  d.channels = facts.coloured > 0.1 ? 3 : 1;
  plan.reasons.push_back(std::string(d.channels == 3 ? "coloured: " : "gray: ") + percent(facts.coloured) + " of " +
                         std::to_string(facts.looked_at) + " pictures that were looked at have colour");
}

inline void choose_distortions(FolderPlan& plan, const FolderFacts& facts, const FolderWishes& wishes) {
  const std::string& p = wishes.preset;
  require(p == "auto" || p == "photos" || p == "drawings", "no such kind of pictures", "--preset",
          "give photos, drawings or auto");
  const bool drawings = p == "drawings" || (p == "auto" && plan.config.data.channels == 1 && facts.two_toned > 0.5);
  AugmentConfig& a = plan.config.augment;
  if (drawings)
    a.photo = drawing_distortions();
  else
    a.photo = photo_settings(plan.config.data.image_size <= 48 ? presets::small_photos() : presets::photos());
  const std::string how =
      drawings ? "distorted as drawings, by warps: " : "distorted as photographs, by crops and colours: ";
  plan.reasons.push_back(how + (p != "auto"                      ? "as asked for"
                                : plan.config.data.channels == 3 ? "they have colour"
                                                                 : percent(facts.two_toned) + " are paper and ink"));
}

/// The probe of growth takes an eighth of the pictures; two batches are left where that can be.
inline void choose_batch(FolderPlan& plan, const FolderFacts& facts) {
  DataConfig& d = plan.config.data;
  d.probe_images = std::clamp<Index>(facts.pictures / 8, 8, 512);
  Index batch = 64;
  while (batch > 16 && 2 * batch > facts.pictures - d.probe_images) batch /= 2;
  plan.config.train.batch = batch;
  plan.reasons.push_back("batches of " + std::to_string(batch) + ", " + std::to_string(d.probe_images) +
                         " pictures kept for the probe: there are " + std::to_string(facts.pictures));
}

}  // namespace detail

/// The largest net that the time is planned for: `FolderPlan::most_growth` times the multiply-adds of the seed network.
inline void limit_growth(RunConfig& c) {
  const Shape image{c.data.image_size, c.data.image_size, c.data.channels == 0 ? 3 : c.data.channels};
  const auto macs = c.evolution.seed_network.build(image).macs({1, image[0], image[1], image[2]});
  c.evolution.growth.selector.budget.max_macs = static_cast<Index>(FolderPlan::most_growth * static_cast<double>(macs));
}

namespace detail {

inline void choose_growth(FolderPlan& plan, const FolderWishes& wishes) {
  const bool grows = wishes.minutes >= 5;
  plan.config.evolution.growth.trigger.kind = grows ? "plateau" : "never";
  limit_growth(plan.config);
  plan.reasons.emplace_back(grows ? "the net may grow, to a quarter more work at most: that much time is kept for it"
                                  : "the net does not grow: there are less than five minutes");
}

inline void apply_overrides(RunConfig& c, const std::vector<std::string>& overrides) {
  for (const std::string& o : overrides) apply_override(c, o);
  check_config(c);
}

inline void apply_wishes(FolderPlan& plan, const FolderWishes& wishes) {
  for (const std::string& o : wishes.overrides)
    require(!o.starts_with("train.steps="), "the number of steps follows from the time", "train.steps",
            "give --minutes");
  apply_overrides(plan.config, wishes.overrides);
  limit_growth(plan.config);  // of the seed network as it is now; a limit that was given stands
  apply_overrides(plan.config, wishes.overrides);
}

}  // namespace detail

/// Chooses settings for pretraining on the pictures at `path`; what `wishes.overrides` say goes over all that is
/// chosen. Throws: Error when the pictures are too few or a wish makes no sense.
inline FolderPlan plan_folder(const std::filesystem::path& path, const FolderFacts& facts, const FolderWishes& wishes) {
  check_enough_pictures(facts.pictures, path.string());
  require(wishes.minutes > 0 && wishes.minutes <= 1e5, "no such time", "--minutes", "give more than 0 minutes");
  FolderPlan plan{image_folder_config(), {}};
  DataConfig& d = plan.config.data;
  d.path = std::filesystem::absolute(path).lexically_normal().string();
  d.skip_corrupt = true;
  detail::choose_size(plan, facts, wishes);
  detail::choose_distortions(plan, facts, wishes);
  detail::choose_batch(plan, facts);
  detail::choose_growth(plan, wishes);
  detail::apply_wishes(plan, wishes);
  return plan;
}

}  // namespace sseg
