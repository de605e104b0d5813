#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// N-way K-shot with Q queries a class.
struct EpisodeShape {
  Index way = 5, shot = 1, query = 15;
  bool operator==(const EpisodeShape&) const = default;
};

/// One episode: image indices, class by class; the k-th class's support is support[k·shot …], its queries
/// query[k·Q …].
struct Episode {
  EpisodeShape shape;
  std::vector<Index> support, query;
  Index true_class(Index q) const { return q / shape.query; }
};

/// Draws episodes from labelled images: classes without replacement, then images without replacement. With groups
/// (alphabets), all classes of an episode come from one group ("within-alphabet"), the group drawn in proportion to
/// nothing but chance: uniformly among those with enough classes. Episode `i` of a stream is a pure function of both.
/// Throws: Error when there are too few classes or images.
class EpisodeSampler {
 public:
  /// `group` may be empty: classes are mixed freely.
  EpisodeSampler(const std::vector<Index>& label, const std::vector<Index>& group, EpisodeShape shape) : shape_(shape) {
    require(shape.way > 1 && shape.shot > 0 && shape.query > 0, "an episode needs at least 2 ways, 1 shot and 1 query",
            "EpisodeSampler", "raise way, shot or query");
    require(group.empty() || group.size() == label.size(), "episodes within groups need one group for every image",
            "EpisodeSampler", "pass no groups, or those of the same images as the labels");
    pools_.resize(group.empty() ? 1 : to_size(*std::max_element(group.begin(), group.end()) + 1));
    collect(label, group);
    std::erase_if(pools_, [&](const Pool& p) { return static_cast<Index>(p.size()) < shape.way; });
    if (pools_.empty())
      throw Error("no " + std::string(group.empty() ? "set" : "group") + " has " + std::to_string(shape.way) +
                      " classes with " + std::to_string(shape.shot + shape.query) + " images each",
                  "EpisodeSampler", "lower way, shot or query, or bring more labelled images");
  }

  Episode draw(const Rng& stream, Index i) const {
    Rng rng = stream.split(static_cast<std::uint64_t>(i));
    const Pool& pool = pools_[to_size(rng.below(static_cast<Index>(pools_.size())))];
    std::vector<Index> classes = first_indices(static_cast<Index>(pool.size()));
    rng.shuffle(std::span(classes));
    Episode e{shape_, {}, {}};
    for (Index k = 0; k < shape_.way; ++k) {
      std::vector<Index> images = pool[to_size(classes[to_size(k)])];
      rng.shuffle(std::span(images));
      e.support.insert(e.support.end(), images.begin(), images.begin() + shape_.shot);
      e.query.insert(e.query.end(), images.begin() + shape_.shot, images.begin() + shape_.shot + shape_.query);
    }
    return e;
  }

 private:
  using Pool = std::vector<std::vector<Index>>;  // the images of each usable class

  void collect(const std::vector<Index>& label, const std::vector<Index>& group) {
    if (label.empty()) throw Error("these images have no labels", "EpisodeSampler", "load a labelled set");
    std::vector<std::vector<Index>> of_class(to_size(*std::max_element(label.begin(), label.end()) + 1));
    for (std::size_t i = 0; i < label.size(); ++i)
      if (label[i] >= 0) of_class[to_size(label[i])].push_back(static_cast<Index>(i));
    for (auto& images : of_class)
      if (static_cast<Index>(images.size()) >= shape_.shot + shape_.query)
        pools_[group.empty() ? 0 : to_size(group[to_size(images.front())])].push_back(std::move(images));
  }
  static std::vector<Index> first_indices(Index n) {
    std::vector<Index> all(to_size(n));
    for (Index i = 0; i < n; ++i) all[to_size(i)] = i;
    return all;
  }

  EpisodeShape shape_;
  std::vector<Pool> pools_;
};

}  // namespace sseg

SSEG_FIELDS(sseg::EpisodeShape, way, shot, query);
