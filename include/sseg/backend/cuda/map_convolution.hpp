#pragma once
#include <cstdint>
#include <initializer_list>
#include <utility>

#include "sseg/backend/cuda/convolver.hpp"
#include "sseg/backend/cuda/short_float.hpp"

namespace sseg::cuda {

/// Convolutions of maps that are kept in 16 bits, which cuDNN reads and writes where they lie. Weights and bias are
/// rounded to that type on their way. Weight gradients are summed in float and rounded once, since cuDNN has no
/// convolution that reads 16 bits and writes 32, and then added to float ones.
template <Storage S>
class MapConvolution {
  using Map = ShortFloat<S>;

 public:
  MapConvolution(Device& device, Convolver& convolver) : d_(device), by_(convolver) {}

  /// Requires, as all of them: Convolver::takes(g), and an image at least. Throws: Error when cuDNN has no plan or
  /// fails.
  void run(const Conv2dForward<float, Map>& a) {
    const ConvPlan& plan = plan_of(a.bias != nullptr ? ConvPass::forward_bias : ConvPass::forward, a.g, {a.x, a.y});
    const Space space = reserve(plan, a.g);
    pack(a.w, space, a.g);
    if (a.bias != nullptr) queue(d_, Copy<Map, float>{a.g.o, a.bias, space.bias});
    plan.give(d_.work(), by_.handle(), {of(a.x), space.weights, a.y, a.bias != nullptr ? space.bias : nullptr},
              space.rest);
  }
  void run(const Conv2dBackwardData<float, Map>& a) {
    const ConvPlan& plan = plan_of(ConvPass::backward_data, a.g, {a.dy, a.dx});
    const Space space = reserve(plan, a.g);
    pack(a.w, space, a.g);
    plan.give(d_.work(), by_.handle(), {a.dx, space.weights, of(a.dy)}, space.rest);
  }
  void run(const Conv2dBackwardWeights<float, Map>& a) {
    const ConvPlan& plan = plan_of(ConvPass::backward_weights, a.g, {a.x, a.dy});
    const Space space = reserve(plan, a.g);
    plan.give(d_.work(), by_.handle(), {of(a.x), space.weights, of(a.dy)}, space.rest);
    d_.launch<kernel::weights_from_krsc_of<Map>>(blocks_of(a.g.weight_count()), space.weights, a.dw,
                                                 a.g.kernel * a.g.kernel, a.g.c, a.g.o);
    if (a.dbias != nullptr) queue(d_, SumRows<float, Map>{a.g.n * a.g.out_h() * a.g.out_w(), a.g.o, a.dy, a.dbias});
  }

 private:
  /// Pieces of the workspace, each at a multiple of 256 bytes; `rest` is cuDNN's.
  struct Space {
    Map *weights, *bias;
    char* rest;
  };
  Space reserve(const ConvPlan& plan, const ConvGeometry& g) {
    const auto bytes = [](Index count) { return (to_size(count) * sizeof(Map) + 255) / 256 * 256; };
    const std::size_t weights = bytes(g.weight_count()), bias = bytes(g.o);
    auto* const at = static_cast<char*>(d_.workspace(weights + bias + static_cast<std::size_t>(plan.workspace())));
    return {reinterpret_cast<Map*>(at), reinterpret_cast<Map*>(at + weights), at + weights + bias};
  }
  const ConvPlan& plan_of(ConvPass pass, const ConvGeometry& g, std::initializer_list<const Map*> maps) {
    int alignment = 16;
    for (const Map* map : maps)
      while (reinterpret_cast<std::uintptr_t>(map) % static_cast<unsigned>(alignment) != 0) alignment /= 2;
    return by_.plan(d_, {pass, g, S, false, alignment});
  }
  void pack(const float* w, const Space& space, const ConvGeometry& g) {
    d_.launch<kernel::weights_to_krsc_of<Map>>(blocks_of(g.weight_count()), w, nullptr, space.weights,
                                               g.kernel * g.kernel, g.c, g.o);
  }
  /// cuDNN's interface has no const.
  static Map* of(const Map* map) { return const_cast<Map*>(map); }

  Device& d_;
  Convolver& by_;
};

}  // namespace sseg::cuda
