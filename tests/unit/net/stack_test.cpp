#include "sseg/net/stack.hpp"

#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer.hpp"
#include "sseg/net/any_block.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace stack_test {

using namespace sseg;
using Oracle = Reference<double>;

TEST_CASE("Blocks keep their ids when neighbours come and go") {
  Stack<Relu> stack;
  CHECK(stack.push_back({}) == 0);
  CHECK(stack.push_back({}) == 1);
  CHECK(stack.insert(0, {}) == 2);
  stack.erase(1);
  CHECK(stack.push_back({}) == 3);
  std::vector<Index> ids;
  for (const auto& slot : stack.slots) ids.push_back(slot.id);
  CHECK(ids == std::vector<Index>{2, 1, 3});
}

TEST_CASE("An empty stack is the identity") {
  const Stack<Relu> stack;
  Oracle backend;
  auto store = make_store<double>(stack, 0, Rng(1));
  Trace<double> trace;
  const std::vector<double> x{1, -2, 3};
  const auto y = trace.forward(backend, stack, store, {x.data(), {1, 3}}, Mode::train);
  CHECK(std::vector<double>(y.data, y.data + 3) == x);
}

TEST_CASE("A mixed stack equals the chain of the same layers") {
  using Block = AnyBlock<Oracle>;
  Stack<Block> stack;
  stack.push_back(Block(Linear{.in = 3, .out = 4}));
  stack.push_back(Block(Relu{}));
  const auto fixed = chain(Linear{.in = 3, .out = 4}, Relu{});
  Oracle backend;
  auto a = make_store<double>(stack, 0, Rng(1)), b = make_store<double>(fixed, 0, Rng(1));
  b.value = a.value;
  const std::vector<double> x{1, -2, 3, 0.5, 0, -1};
  Trace<double> ta, tb;
  const auto ya = ta.forward(backend, stack, a, {x.data(), {2, 3}}, Mode::train);
  const auto yb = tb.forward(backend, fixed, b, {x.data(), {2, 3}}, Mode::train);
  CHECK(std::equal(ya.data, ya.data + 8, yb.data));
}

TEST_CASE("A net that runs forward again in backward gives the same bits from less memory") {
  EvolvableCnn<> plain = SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build({12, 12, 1});
  for (int blocks = 0; blocks < 3; ++blocks)
    for (Index s = 0; s < 2; ++s) residuals(stages(plain)[s]).push_back(make_identity_block(4));
  EvolvableCnn<> again = plain;
  set_recompute(again, true);
  stages(again).recompute = true;
  const Shape input{5, 12, 12, 1};
  const Index before = plain.keep(input) + plain.scratch(input), after = again.keep(input) + again.scratch(input);
  CHECK(10 * after < 7 * before);
  Cpu cpu(1);
  auto a = make_store<float>(plain, 0, Rng(1)), b = a;
  Rng rng(2);
  std::vector<float> x(to_size(input.count())), dy(to_size(plain.out_shape(input).count()));
  for (float& v : x) v = rng.normal();
  for (float& v : dy) v = rng.normal();
  for (float& v : a.value) v += 0.1f * rng.normal();  // identity blocks would hide errors
  b.value = a.value;
  Trace<float> ta, tb;
  for (const bool want_dx : {false, true}) {
    const auto run = [&](const EvolvableCnn<>& net, ParamStore<float>& store, Trace<float>& trace) {
      const auto y = trace.forward(cpu, net, store, {x.data(), input}, Mode::train);
      std::vector<float> out(y.data, y.data + y.shape.count());
      const auto dx = trace.backward(cpu, net, store, {x.data(), input}, {dy.data(), y.shape}, want_dx);
      if (dx) out.insert(out.end(), dx.data, dx.data + dx.shape.count());
      return out;
    };
    CHECK(run(plain, a, ta) == run(again, b, tb));
    CHECK(a.grad == b.grad);
    CHECK(a.state == b.state);
  }
  CHECK(10 * tb.bytes() < 7 * ta.bytes());
}

TEST_CASE("AnyBlock is a value") {
  using Block = AnyBlock<Oracle>;
  const Block a(Linear{.in = 3, .out = 4}), b(Linear{.in = 3, .out = 5}), c(Relu{});
  Block copy = a;
  CHECK(copy == a);
  CHECK_FALSE(a == b);
  CHECK_FALSE(a == c);
  copy = b;
  CHECK(copy == b);
  CHECK(Block() == Block());
  CHECK_THROWS_AS(Block().param_count(), Error);
}

TEST_CASE("The seed network has the published size and refuses what cannot be built") {
  const auto net = SeedNetwork{}.build({28, 28, 1});
  CHECK(block_count(net) == 2);
  CHECK(net.out_shape({5, 28, 28, 1}) == Shape{5, 7 * 7 * 32});
  CHECK(net.param_count() == 9 * 32 + 64 + 9 * 32 * 32 + 64);
  CHECK(describe(net) == "32 > 32");
  CHECK_THROWS_AS((SeedNetwork{.initial_channels = 0}.build({28, 28, 1})), Error);
  CHECK_THROWS_AS((SeedNetwork{.num_blocks = 6}.build({28, 28, 1})), Error);
  CHECK_THROWS_AS((SeedNetwork{}.build({28, 28})), Error);
}

}  // namespace stack_test
