// The stranger's second unit: everything included again.
#include <sseg/sseg.hpp>

sseg::Index parameters_counted_elsewhere();
sseg::Index parameters_counted_elsewhere() {
  const sseg::Shape image{12, 12, 1};
  const auto loss = sseg::objective(sseg::task(sseg::NtXent{}));
  return sseg::make_learner(sseg::SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build(image), image, loss)
      .param_count();
}
