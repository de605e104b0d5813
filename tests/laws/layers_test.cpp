#include "laws/layer_law.hpp"
#include "sseg/layer.hpp"

namespace layers_test {

using namespace sseg;
using law::obeys_layer_law;

TEST_CASE("Conv2d obeys the layer law") {
  obeys_layer_law(Conv2d{.in = 1, .out = 3}, {2, 5, 4, 1});
  obeys_layer_law(Conv2d{.in = 3, .out = 2, .kernel = 1, .pad = 0}, {2, 3, 3, 3});
  obeys_layer_law(Conv2d{.in = 2, .out = 3, .kernel = 5, .stride = 2, .pad = 2}, {1, 7, 6, 2});
  obeys_layer_law(Conv2d{.in = 2, .out = 2, .kernel = 3, .stride = 1, .pad = 0}, {2, 4, 3, 2});
}

TEST_CASE("Linear obeys the layer law") {
  obeys_layer_law(Linear{.in = 7, .out = 3}, {5, 7});
  obeys_layer_law(Linear{.in = 1, .out = 1, .gain = 2}, {1, 1});
}

TEST_CASE("Batch norm, alone and fused with ReLU and pooling, obeys the layer law in both modes") {
  for (const Mode mode : {Mode::train, Mode::eval}) {
    obeys_layer_law(batch_norm(3), {4, 3, 2, 3}, mode);
    obeys_layer_law(NormReluPool{.channels = 2, .pool = 1}, {3, 4, 3, 2}, mode);
    obeys_layer_law(NormReluPool{.channels = 3, .pool = 2}, {2, 5, 4, 3}, mode);
    obeys_layer_law(NormReluPool{.channels = 2, .pool = 3, .relu = false}, {2, 7, 6, 2}, mode);
  }
}

TEST_CASE("A weight-normalised linear layer obeys the layer law") {
  obeys_layer_law(BatchNormRows{5}, {4, 5});
  obeys_layer_law(BatchNormRows{1}, {7, 1});
  obeys_layer_law(WeightNormLinear{.in = 5, .out = 3}, {4, 5});
  obeys_layer_law(WeightNormLinear{.in = 2, .out = 7}, {1, 2});
}

TEST_CASE("ReLU, GELU, pools, flatten and l2-normalize obey the layer law") {
  obeys_layer_law(Relu{}, {3, 4, 2, 5});
  obeys_layer_law(Gelu{}, {3, 4, 2, 5});
  obeys_layer_law(Gelu{}, {7, 3});
  obeys_layer_law(MaxPool{2}, {2, 5, 4, 3});
  obeys_layer_law(MaxPool{3}, {1, 7, 6, 2});
  obeys_layer_law(GlobalPool{}, {3, 4, 5, 2});
  obeys_layer_law(Flatten{}, {2, 3, 2, 4});
  obeys_layer_law(L2Normalize{}, {4, 6});
}

}  // namespace layers_test
