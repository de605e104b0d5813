#pragma once
#include "sseg/layer/batch_norm.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/conv_norm.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/norm_relu_pool.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/residual.hpp"
#include "sseg/net/stack.hpp"

namespace sseg {

/// conv 3×3 → batch norm → ReLU → max pool.
using ConvBlock = Chain<Conv2d, NormReluPool>;
/// relu(x + batch_norm(conv 3×3(x))). After a ReLU and with gamma 0 it is the identity: relu(x + 0) = x.
using ResidualBlock = Chain<Residual<Chain<Conv2d, NormReluPool>>, Relu>;
/// A stage of one width: a ConvBlock that enters it, then any number of ResidualBlocks.
using Stage = Chain<ConvBlock, Stack<ResidualBlock>>;

/// The growable backbone: stages, then a readout that makes one row an image. GROW adds a residual block to a stage,
/// WIDEN gives a stage more channels; depth and widths are values, so one type serves every size.
template <class Readout = Flatten>
using EvolvableCnn = Chain<Stack<Stage>, Readout>;

constexpr Stage make_stage(Index in, Index channels, Index pool) {
  return chain(chain(Conv2d{.in = in, .out = channels}, NormReluPool{.channels = channels, .pool = pool}),
               Stack<ResidualBlock>{});
}

/// A residual block that is the identity until it is trained.
constexpr ResidualBlock make_identity_block(Index channels) {
  return chain(
      Residual<Chain<Conv2d, NormReluPool>>{chain(Conv2d{.in = channels, .out = channels}, batch_norm(channels, 0.f))},
      Relu{});
}

// The parts of a stage by name.
constexpr Conv2d& entry_conv(Stage& s) { return std::get<0>(std::get<0>(s.layers).layers); }
constexpr const Conv2d& entry_conv(const Stage& s) { return std::get<0>(std::get<0>(s.layers).layers); }
constexpr NormReluPool& entry_norm(Stage& s) { return std::get<1>(std::get<0>(s.layers).layers); }
constexpr const NormReluPool& entry_norm(const Stage& s) { return std::get<1>(std::get<0>(s.layers).layers); }
constexpr Stack<ResidualBlock>& residuals(Stage& s) { return std::get<1>(s.layers); }
constexpr const Stack<ResidualBlock>& residuals(const Stage& s) { return std::get<1>(s.layers); }
constexpr Conv2d& conv_of(ResidualBlock& b) { return std::get<0>(std::get<0>(b.layers).inner.layers); }
constexpr NormReluPool& norm_of(ResidualBlock& b) { return std::get<1>(std::get<0>(b.layers).inner.layers); }

template <class Readout>
constexpr Stack<Stage>& stages(EvolvableCnn<Readout>& net) {
  return std::get<0>(net.layers);
}
template <class Readout>
constexpr const Stack<Stage>& stages(const EvolvableCnn<Readout>& net) {
  return std::get<0>(net.layers);
}

/// Convolution blocks in all: every stage's entry and its residual blocks.
template <class Readout>
constexpr Index block_count(const EvolvableCnn<Readout>& net) {
  Index n = 0;
  for (const auto& slot : stages(net).slots) n += 1 + residuals(slot.block).size();
  return n;
}

constexpr Index width(const Stage& s) { return entry_conv(s).out; }

/// Channels of the feature map that is read out.
template <class Readout>
constexpr Index feature_channels(const EvolvableCnn<Readout>& net) {
  return width(stages(net)[stages(net).size() - 1]);
}

/// Gives a stage another width, its own convolutions and norms only; what reads it is the caller's to change.
constexpr void set_width(Stage& s, Index channels) {
  entry_conv(s).out = entry_norm(s).channels = channels;
  for (auto& slot : residuals(s).slots)
    conv_of(slot.block).in = conv_of(slot.block).out = norm_of(slot.block).channels = channels;
}

/// Whether residual blocks run forward again before their backward (`Stack::recompute`). Stages do not: a stage's entry
/// keeps the largest map of all, which running again would not save.
template <class Readout>
constexpr void set_recompute(EvolvableCnn<Readout>& net, bool on) {
  for (auto& slot : stages(net).slots) residuals(slot.block).recompute = on;
}

/// "32+1 > 48 > 64": one number a stage (its channels), +k for k residual blocks.
template <class Readout>
std::string describe(const EvolvableCnn<Readout>& net) {
  std::string text;
  for (const auto& slot : stages(net).slots) {
    text += (text.empty() ? "" : " > ") + std::to_string(width(slot.block));
    if (const Index extra = residuals(slot.block).size()) text += "+" + std::to_string(extra);
  }
  return text;
}

}  // namespace sseg
