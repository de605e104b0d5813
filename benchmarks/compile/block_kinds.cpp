// A stack of blocks of KINDS kinds behind one type, run forward and backward: what one more kind costs the compiler.
#include <utility>

#include "sseg/backend/cpu.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/any_block.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/stack.hpp"
#include "sseg/net/trace.hpp"

namespace {

using namespace sseg;

/// Each a type of its own that does what a block of a backbone does.
template <std::size_t I>
struct Kind : Chain<Conv2d, NormReluPool> {
  static constexpr std::string_view name = "kind";
  bool operator==(const Kind&) const = default;
};

template <std::size_t I>
AnyBlock<Cpu> block() {
  return AnyBlock<Cpu>(Kind<I>{chain(Conv2d{.in = 8, .out = 8}, NormReluPool{.channels = 8})});
}

template <std::size_t... I>
Stack<AnyBlock<Cpu>> net(std::index_sequence<I...>) {
  Stack<AnyBlock<Cpu>> blocks;
  (blocks.push_back(block<I>()), ...);
  return blocks;
}

}  // namespace

int main() {
  const auto mixed = net(std::make_index_sequence<KINDS>{});
  Cpu cpu(1);
  auto store = make_store<float>(mixed, 0, Rng(1));
  const Buffer<float> pixels(2 * 8 * 8 * 8);
  const View<const float> x{pixels.data(), {2, 8, 8, 8}};
  Trace<float> trace;
  const auto y = trace.forward(cpu, mixed, store, x, Mode::train);
  trace.backward(cpu, mixed, store, x, y);
  return store.grad[0] == 0 ? 0 : 1;
}
