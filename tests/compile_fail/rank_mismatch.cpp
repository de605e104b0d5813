// expect: cannot read the rank that the left one writes. Put sseg::Flatten or sseg::GlobalPool between them
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/linear.hpp"
#include "sseg/net/chain.hpp"

int main() {
#ifdef SSEG_CONTROL
  const auto net = sseg::chain(sseg::Conv2d{}, sseg::Flatten{}, sseg::Linear{});
#else
  const auto net = sseg::chain(sseg::Conv2d{}, sseg::Linear{});
#endif
  return static_cast<int>(net.param_count());
}
