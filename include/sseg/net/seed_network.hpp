#pragma once
#include "sseg/core/error.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/net/evolvable_cnn.hpp"

namespace sseg {

/// The net a run starts from: `num_blocks` stages without residual blocks, each pooling by `pool` but for the last
/// `unpooled_blocks`. Stage b, from 0, has initial_channels · channel_factor^b channels. For 28×28 images the defaults
/// leave a 7×7 map of 32 channels.
struct SeedNetwork {
  static constexpr Index max_channels = 1 << 14;  ///< of any stage

  Index initial_channels = 32;
  Index num_blocks = 2;
  Index pool = 2;             ///< side of a stage's max pool; 4 suits images of 84×84
  Index unpooled_blocks = 0;  ///< how many of the last stages keep the size of their map: deeper nets on small images
  Index channel_factor = 1;   ///< 2: each stage twice as wide as the one before, at about equal cost when it pools by 2
  bool operator==(const SeedNetwork&) const = default;

  /// `image` is (H, W, C). Throws: Error when a size makes no sense or pooling leaves nothing of the image.
  template <class Readout = Flatten>
  EvolvableCnn<Readout> build(Shape image) const {
    require(initial_channels > 0 && num_blocks > 0 && pool > 0 && channel_factor > 0 && channel_factor <= max_channels,
            "a seed network needs positive sizes, and a factor within its limit", "SeedNetwork::build",
            "set initial_channels, num_blocks, channel_factor and pool to 1 or more, the factor to 16384 or less");
    require(unpooled_blocks >= 0 && unpooled_blocks <= num_blocks, "more blocks without a pool than blocks",
            "SeedNetwork::build", "set unpooled_blocks from 0 to num_blocks");
    require(image.rank == 3, "an image shape is (H, W, C)", "SeedNetwork::build", "pass the shape without the batch");
    EvolvableCnn<Readout> net;
    for (Index b = 0, in = image[2], out = initial_channels; b < num_blocks; ++b, in = out, out *= channel_factor) {
      require(out <= max_channels, "a stage would have too many channels", "SeedNetwork::build",
              "lower initial_channels, channel_factor or num_blocks");
      stages(net).push_back(make_stage(in, out, b < num_blocks - unpooled_blocks ? pool : 1));
    }
    net.out_shape({1, image[0], image[1], image[2]});  // throws when the image is too small
    return net;
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::SeedNetwork, initial_channels, num_blocks, pool, unpooled_blocks, channel_factor);
