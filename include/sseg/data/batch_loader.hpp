#pragma once
#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "sseg/concepts/dataset.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/data/batch_order.hpp"
#include "sseg/data/prefetcher.hpp"

namespace sseg {

/// What to do with a picture that cannot be read: stop, or take another in its place.
enum class OnCorrupt { refuse, skip };

/// How batches are loaded.
struct BatchLoaderConfig {
  Index batch = 64;           ///< images a step, of this rank
  int workers = 1;            ///< threads that read ahead; 0: reads when asked
  Index ahead = 4;            ///< batches held at most beside the one in use
  Index rank = 0, ranks = 1;  ///< this loader's part of batches that `ranks` loaders share
  OnCorrupt on_corrupt = OnCorrupt::refuse;
};

/// Images of one step, in their order.
struct LoadedBatch {
  Index step = 0;
  Shape shape;  ///< (N, H, W, C)
  Buffer<float> pixels;
  std::vector<Index> index;  ///< in the data set
  std::vector<Index> label;  ///< -1 where there is none
  View<const float> images() const { return {pixels.data(), shape}; }
};

/// Reads batches of a data set ahead of the trainer. Every epoch is a new permutation of all images (BatchOrder), drawn
/// from the stream and the step alone: a loader that starts at step s goes on exactly like one that came there, with
/// any number of workers. With `ranks`, a step's ranks · batch images are cut into ranks parts; together they see every
/// image of the epoch once. An image that throws when it is read ends the loading with that error, or with `skip` is
/// replaced by the next one of the data set that can be read, counted, and named by `skipped`. Keeps a reference to the
/// data.
template <Dataset D>
class BatchLoader {
 public:
  /// Throws: Error when the sizes make no sense or there are too few images for a batch.
  BatchLoader(const D& data, const BatchLoaderConfig& config, const Rng& rng, Index first_step = 0)
      : data_(data),
        config_(checked(config)),
        order_(data.size(), config.batch * config.ranks, rng),
        prefetcher_(LoadStep{this}, first_step, config.workers, config.workers == 0 ? 0 : config.ahead) {}

  /// The batch of the step `position()`, valid until the next call. Throws: what reading it threw.
  const LoadedBatch& next() { return prefetcher_.next(); }
  Index position() const { return prefetcher_.position(); }
  Index steps_per_epoch() const { return order_.steps_per_epoch(); }

  /// How often a picture was replaced, and the first hundred of the errors.
  Index skipped_count() const {
    const std::lock_guard lock(mutex_);
    return skipped_count_;
  }
  std::vector<std::string> skipped() const {
    const std::lock_guard lock(mutex_);
    return skipped_;
  }

 private:
  static const BatchLoaderConfig& checked(const BatchLoaderConfig& c) {
    require(c.batch >= 1 && c.batch <= 1 << 20 && c.ranks >= 1 && c.ranks <= 1 << 20 && c.rank >= 0 && c.rank < c.ranks,
            "the sizes of the loader make no sense", "BatchLoader", "give batch >= 1 and 0 <= rank < ranks");
    return c;
  }

  struct LoadStep {
    BatchLoader* loader;
    void operator()(Index step, LoadedBatch& batch) const { loader->load(step, batch); }
  };

  void load(Index step, LoadedBatch& b) {
    const ImageSpec spec = data_.spec();
    const Shape& one = spec.shape;
    b.step = step;
    b.shape = {config_.batch, one[0], one[1], one[2]};
    b.pixels.reserve_at_least(b.shape.count());
    b.index.resize(to_size(config_.batch));
    b.label.resize(to_size(config_.batch));
    {
      const std::lock_guard lock(mutex_);  // the order shuffles at the border of an epoch
      const auto all = order_.at(step);
      std::copy_n(all.begin() + config_.rank * config_.batch, config_.batch, b.index.begin());
    }
    for (Index i = 0; i < config_.batch; ++i) {
      const View<float> image{b.pixels.data() + i * one.count(), one};
      b.label[to_size(i)] = read(b.index[to_size(i)], image);
    }
  }
  /// Reads picture `i`, or the first readable one behind it.
  Index read(Index& i, View<float> image) {
    for (Index tried = 0;; ++tried) {
      try {
        return data_.read(i, image);
      } catch (const Error& error) {
        if (config_.on_corrupt == OnCorrupt::refuse || tried + 1 >= data_.size()) throw;
        const std::lock_guard lock(mutex_);
        ++skipped_count_;
        if (skipped_.size() < 100) skipped_.emplace_back(error.what());
      }
      i = (i + 1) % data_.size();
    }
  }

  const D& data_;
  BatchLoaderConfig config_;
  BatchOrder order_;
  mutable std::mutex mutex_;
  Index skipped_count_ = 0;
  std::vector<std::string> skipped_;
  Prefetcher<LoadedBatch, LoadStep> prefetcher_;  // last: its threads use what stands above
};

}  // namespace sseg
