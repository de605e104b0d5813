#include <cstring>
#include <vector>

#include "cuda_host_device.hpp"
#include "sseg/backend/cuda/queue_ranks.hpp"
#include "sseg/dist/share_of_ranks.hpp"

namespace cuda_ranks_test {

// What the CUDA kernels of several ranks compute, by their twins on the host: the bits of the host's own code.

using namespace sseg;
using namespace oracle;

TEST_CASE("CUDA kernels, sums over ranks are made in their order, in double") {
  CudaHostDevice device;
  for (const Index count : {0, 1, 255, 70001})
    for (const std::size_t ranks : {1u, 2u, 5u}) {
      const Index stride = count + 3, all = stride * static_cast<Index>(ranks);
      INFO(count << " values of " << ranks << " ranks");
      const auto parts = random(all, 1, -1e5f, 1e5f);
      const auto wide = widen(parts);
      std::vector<float> want(to_size(count));
      std::vector<double> want_wide(to_size(count));
      add_in_order(want.data(), parts.data(), to_size(count), to_size(stride), ranks);
      add_in_order(want_wide.data(), wide.data(), to_size(count), to_size(stride), ranks);
      std::vector<float> got(to_size(count), 7);
      std::vector<double> got_wide(to_size(count), 7);
      const Index blocks = cuda::blocks_of(count), k = static_cast<Index>(ranks);
      device.launch<cuda::kernel::add_ranks>(blocks, parts.data(), got.data(), count, stride, k);
      device.launch<cuda::kernel::add_ranks_double>(blocks, wide.data(), got_wide.data(), count, stride, k);
      CHECK(got == want);
      CHECK(got_wide == want_wide);
    }
}

TEST_CASE("CUDA kernels, moments of ranks are combined as on the host, and are those of all rows together") {
  CudaHostDevice device;
  for (const Index channels : {1, 7, 300})
    for (const Index ranks : {1, 2, 3}) {
      INFO(channels << " channels of " << ranks << " ranks");
      const Index rows = 5;
      const auto x = random(ranks * rows * channels, 2, -3, 9);
      Reference<float> reference;
      std::vector<float> all(to_size(2 * ranks * channels));
      for (Index r = 0; r < ranks; ++r) {
        float* const mean = all.data() + 2 * r * channels;
        reference.run(ColumnMoments<float>{rows, channels, x.data() + r * rows * channels, mean, mean + channels});
      }
      std::vector<float> mean(to_size(channels)), var(mean), host_mean(mean), host_var(mean), whole_mean(mean),
          whole_var(mean);
      cuda::queue(device, RankMoments<float>{channels, ranks, all.data(), mean.data(), var.data()});
      combine_moments(RankMoments<float>{channels, ranks, all.data(), host_mean.data(), host_var.data()});
      CHECK(mean == host_mean);
      CHECK(var == host_var);
      reference.run(ColumnMoments<float>{ranks * rows, channels, x.data(), whole_mean.data(), whole_var.data()});
      for (std::size_t c = 0; c < mean.size(); ++c) {
        CHECK(mean[c] == Approx(whole_mean[c]).margin(1e-5));
        CHECK(var[c] == Approx(whole_var[c]).epsilon(1e-5));
      }
    }
}

}  // namespace cuda_ranks_test
