#pragma once
#include <algorithm>

#include "sseg/meta/fields.hpp"
#include "sseg/net/evolvable_cnn.hpp"

namespace sseg {

/// What a net costs: for one image and for keeping it.
struct Cost {
  Index macs = 0;  ///< multiply-adds for one image
  Index params = 0;
  Index blocks = 0;         ///< convolution blocks of the backbone
  Index channels = 0;       ///< of its widest stage
  double milliseconds = 0;  ///< for one image, where it was measured (evolve/latency.hpp)
  bool operator==(const Cost&) const = default;
};

namespace detail {
template <class Net>
void add_sizes(const Net&, Cost&) {}
template <class Readout>
void add_sizes(const EvolvableCnn<Readout>& cnn, Cost& c) {
  c.blocks = block_count(cnn);
  for (const auto& slot : stages(cnn).slots) c.channels = std::max(c.channels, width(slot.block));
}
template <class Readout, class Head>
void add_sizes(const Chain<EvolvableCnn<Readout>, Head>& net, Cost& c) {
  add_sizes(std::get<0>(net.layers), c);
}
}  // namespace detail

/// The cost of a backbone, or of a learner with its head, for an image (1, H, W, C); latency is not measured. Of other
/// nets, MACs and parameters only.
/// (Of several heads, MACs count the first: the others run in training only, as all of them do.)
template <class Net>
Cost cost_of(const Net& net, Shape image) {
  Cost c{.macs = net.macs(image), .params = net.param_count()};
  detail::add_sizes(net, c);
  return c;
}

}  // namespace sseg

SSEG_FIELDS(sseg::Cost, macs, params, blocks, channels, milliseconds);
