#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sseg/evolve/paired_difference.hpp"
#include "sseg/experiment/few_shot_report.hpp"

namespace sseg {

/// Two nets on the same episodes under one protocol; differences in percentage points.
struct FewShotComparison {
  std::string net{}, against{};
  std::string dataset{}, split{};
  std::string protocol{};
  bool inductive = true;
  Index way = 0, shot = 0, query = 0;
  std::uint64_t seed = 0;         ///< of the episodes
  PairedDifference difference{};  ///< accuracy of `net` − accuracy of `against`
};

}  // namespace sseg

SSEG_FIELDS(sseg::FewShotComparison, net, against, dataset, split, protocol, inductive, way, shot, query, seed,
            difference);

namespace sseg {

/// Every protocol that both lists have. Requires: both were evaluated on the same images, episodes and seed.
inline std::vector<FewShotComparison> compare_few_shot(const std::vector<FewShotAccuracies>& nets,
                                                       const std::vector<FewShotAccuracies>& others) {
  std::vector<FewShotComparison> all;
  for (const auto& a : nets)
    for (const auto& b : others) {
      const FewShotRow& r = a.about;
      if (r.protocol != b.about.protocol || r.shot != b.about.shot) continue;
      PairedDifference d = paired_difference(a.episodes, b.episodes);
      d.mean *= 100;
      d.half_width95 *= 100;
      all.push_back(
          {r.net, b.about.net, r.dataset, r.split, r.protocol, r.inductive, r.way, r.shot, r.query, r.seed, d});
    }
  return all;
}

/// "trained − against  5-way 1-shot  +1.20 ± 0.45 points, paired over 600 episodes; prototypes, cosine, inductive;
/// shapes, held-back kinds; seed 1"
inline std::string to_line(const FewShotComparison& c) {
  char text[512];
  std::snprintf(text, sizeof text,
                "%s − %s  %td-way %td-shot  %+.2f ± %.2f points, paired over %td episodes; %s; %s, %s; seed %llu",
                c.net.c_str(), c.against.c_str(), c.way, c.shot, c.difference.mean, c.difference.half_width95,
                c.difference.n, c.protocol.c_str(), c.dataset.c_str(), c.split.c_str(),
                static_cast<unsigned long long>(c.seed));
  return text;
}

}  // namespace sseg
