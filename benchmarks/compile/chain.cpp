// A net of LAYERS layers as one type, run forward and backward: what one more layer costs the compiler.
#include <utility>

#include "sseg/backend/cpu.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/residual.hpp"
#include "sseg/net/trace.hpp"

namespace {

using namespace sseg;

/// Convolution, norm, residual branch, ReLU, and again; the first reads one channel.
template <std::size_t I>
auto layer() {
  constexpr Index in = I == 0 ? 1 : 8;
  if constexpr (I % 4 == 0) return Conv2d{.in = in, .out = 8};
  if constexpr (I % 4 == 1) return NormReluPool{.channels = 8};
  if constexpr (I % 4 == 2)
    return Residual<Chain<Conv2d, NormReluPool>>{chain(Conv2d{.in = 8, .out = 8}, NormReluPool{.channels = 8})};
  if constexpr (I % 4 == 3) return Relu{};
}

template <std::size_t... I>
auto net(std::index_sequence<I...>) {
  return chain(layer<I>()...);
}

}  // namespace

int main() {
  const auto deep = net(std::make_index_sequence<LAYERS>{});
  Cpu cpu(1);
  auto store = make_store<float>(deep, 0, Rng(1));
  const Buffer<float> pixels(2 * 8 * 8);
  const View<const float> x{pixels.data(), {2, 8, 8, 1}};
  Trace<float> trace;
  const auto y = trace.forward(cpu, deep, store, x, Mode::train);
  trace.backward(cpu, deep, store, x, y);
  return store.grad[0] == 0 ? 0 : 1;
}
