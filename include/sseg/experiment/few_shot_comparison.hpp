#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "sseg/evolve/paired_difference.hpp"
#include "sseg/experiment/few_shot_report.hpp"

namespace sseg {

/// Two nets on the same episodes under one protocol; differences in percentage points.
struct FewShotComparison {
  std::string net{}, against{};
  std::string protocol{};
  Index way = 0, shot = 0, query = 0;
  PairedDifference difference{};  ///< accuracy of `net` − accuracy of `against`
};

}  // namespace sseg

SSEG_FIELDS(sseg::FewShotComparison, net, against, protocol, way, shot, query, difference);

namespace sseg {

/// Every protocol that both lists have. Requires: both were evaluated on the same images, episodes and seed.
inline std::vector<FewShotComparison> compare_few_shot(const std::vector<FewShotAccuracies>& nets,
                                                       const std::vector<FewShotAccuracies>& others) {
  std::vector<FewShotComparison> all;
  for (const auto& a : nets)
    for (const auto& b : others) {
      if (a.about.protocol != b.about.protocol || a.about.shot != b.about.shot) continue;
      PairedDifference d = paired_difference(a.episodes, b.episodes);
      d.mean *= 100;
      d.half_width95 *= 100;
      all.push_back({a.about.net, b.about.net, a.about.protocol, a.about.way, a.about.shot, a.about.query, d});
    }
  return all;
}

/// "trained − against  5-way 1-shot  +1.20 ± 0.45 points, paired over 600 episodes; prototypes, cosine, inductive"
inline std::string to_line(const FewShotComparison& c) {
  char text[512];
  std::snprintf(text, sizeof text, "%s − %s  %td-way %td-shot  %+.2f ± %.2f points, paired over %td episodes; %s",
                c.net.c_str(), c.against.c_str(), c.way, c.shot, c.difference.mean, c.difference.half_width95,
                c.difference.n, c.protocol.c_str());
  return text;
}

}  // namespace sseg
