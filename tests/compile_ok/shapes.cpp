// Shapes are checked at compile time by the code that checks them at run time.
#include "sseg/core/shape.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"

namespace {

using sseg::Shape;

static_assert(Shape{2, 3, 4}.count() == 24);
static_assert(Shape{}.count() == 1);
static_assert(Shape{8, 28, 28, 1}.with_batch(2) == Shape{2, 28, 28, 1});

constexpr sseg::Conv2d same{.in = 3, .out = 8};
static_assert(same.out_shape({2, 28, 28, 3}) == Shape{2, 28, 28, 8});
constexpr sseg::Conv2d halving{.in = 3, .out = 8, .stride = 2};
static_assert(halving.out_shape({2, 28, 28, 3}) == Shape{2, 14, 14, 8});
static_assert(sseg::Flatten{}.out_shape({2, 7, 7, 8}) == Shape{2, 392});
static_assert(sseg::GlobalPool{}.out_shape({2, 7, 7, 8}) == Shape{2, 8});

constexpr auto classifier = sseg::chain(same, sseg::Relu{}, sseg::Conv2d{.in = 8, .out = 4}, sseg::Flatten{},
                                        sseg::Linear{.in = 28 * 28 * 4, .out = 5});
static_assert(classifier.out_shape({6, 28, 28, 3}) == Shape{6, 5});
static_assert(classifier.param_count() ==
              same.param_count() + sseg::Conv2d{.in = 8, .out = 4}.param_count() + 28 * 28 * 4 * 5 + 5);

}  // namespace
