#include "laws/layer_law.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/layer.hpp"
#include "sseg/net.hpp"

namespace compositions_test {

using namespace sseg;
using law::obeys_layer_law;

namespace {
using Branch = Chain<Conv2d, NormReluPool>;

EvolvableCnn<> grown_cnn() {
  EvolvableCnn<> cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2, .pool = 2}.build({8, 9, 1});
  residuals(stages(cnn)[0]).push_back(make_identity_block(3));
  residuals(stages(cnn)[1]).push_back(make_identity_block(3));
  residuals(stages(cnn)[1]).insert(0, make_identity_block(3));
  return cnn;
}
}  // namespace

TEST_CASE("Chains obey the layer law, nested ones too") {
  obeys_layer_law(chain(Linear{5, 4}, Relu{}, Linear{4, 3}), {3, 5});
  obeys_layer_law(chain(chain(Conv2d{1, 2}, NormReluPool{2, 2}), Flatten{}, chain(Linear{8, 3}, L2Normalize{})),
                  {2, 4, 4, 1});
}

TEST_CASE("A residual branch obeys the layer law") {
  obeys_layer_law(Residual<Branch>{chain(Conv2d{2, 2}, batch_norm(2))}, {2, 4, 3, 2});
  obeys_layer_law(Residual<Linear>{Linear{4, 4}}, {3, 4});
}

TEST_CASE("Stacks of no, one and several blocks obey the layer law") {
  Stack<ResidualBlock> stack;
  obeys_layer_law(stack, {2, 3, 4, 2});
  for (int blocks = 1; blocks <= 3; ++blocks) {
    stack.push_back(make_identity_block(2));
    obeys_layer_law(stack, {2, 3, 4, 2});
  }
}

TEST_CASE("Stacks that run forward again before their backward obey the layer law") {
  Stack<ResidualBlock> stack;
  stack.recompute = true;
  obeys_layer_law(stack, {2, 3, 4, 2});
  for (int blocks = 1; blocks <= 3; ++blocks) {
    stack.push_back(make_identity_block(2));
    obeys_layer_law(stack, {2, 3, 4, 2});
  }
  for (const Mode mode : {Mode::train, Mode::eval}) {
    EvolvableCnn<> net = grown_cnn();
    set_recompute(net, true);
    obeys_layer_law(net, {3, 8, 9, 1}, mode);
    stages(net).recompute = true;
    obeys_layer_law(net, {3, 8, 9, 1}, mode);
  }
}

TEST_CASE("A stack of mixed kinds obeys the layer law") {
  using Block = AnyBlock<law::Oracle>;
  Stack<Block> stack;
  stack.push_back(Block(Conv2d{2, 3}));
  stack.push_back(Block(NormReluPool{3, 2}));
  stack.push_back(Block(Residual<Branch>{chain(Conv2d{3, 3}, batch_norm(3))}));
  obeys_layer_law(stack, {2, 5, 4, 2});
}

TEST_CASE("The growable net and its learner obey the layer law in both modes") {
  for (const Mode mode : {Mode::train, Mode::eval}) {
    obeys_layer_law(grown_cnn(), {3, 8, 9, 1}, mode);
    obeys_layer_law(make_learner(grown_cnn(), {8, 9, 1}, 5, 4), {3, 8, 9, 1}, mode);
    EvolvableCnn<GlobalPool> pooled = SeedNetwork{3, 2, 2}.build<GlobalPool>({8, 9, 1});
    obeys_layer_law(make_learner(pooled, {8, 9, 1}, 5, 4), {3, 8, 9, 1}, mode);
  }
}

}  // namespace compositions_test
