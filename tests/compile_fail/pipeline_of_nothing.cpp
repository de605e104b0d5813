// expect: sseg::Pipeline: needs at least one augmentation
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/pipeline.hpp"

int main() {
#ifdef SSEG_CONTROL
  const auto augment = sseg::pipeline(sseg::Brightness{});
#else
  const auto augment = sseg::pipeline();
#endif
  return augment.out_shape({1, 1, 1}).rank;
}
