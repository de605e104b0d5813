#pragma once
#include "sseg/core/error.hpp"
#include "sseg/curriculum/curriculum_scheduler.hpp"
#include "sseg/curriculum/texture_kinds.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Synthetic pictures of four levels of difficulty, and when a run sees which. `data.count` pictures a level and the
/// kinds of shape are set in `data`.
struct CurriculumConfig {
  Index channels = 3;        ///< 3: coloured, 1: gray
  Index train_textures = 8;  ///< kinds of texture on level 2
  CurriculumScheduler scheduler;
  bool operator==(const CurriculumConfig&) const = default;

  /// Throws: Error naming the setting that makes no sense.
  void check() const {
    require(channels == 1 || channels == 3, "pictures have 1 or 3 channels", "curriculum.channels", "give 1 or 3");
    require(train_textures >= 1 && train_textures <= static_cast<Index>(texture_kinds::all.size()),
            "there are not so many kinds of texture", "curriculum.train_textures", "give 1 to 12");
    scheduler.check();
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::CurriculumConfig, channels, train_textures, scheduler);
