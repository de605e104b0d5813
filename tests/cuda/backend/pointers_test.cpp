// Wrong addresses and counts, on purpose: a card would read or write what is not the operation's, the double tells.
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "sseg/core/buffer.hpp"

namespace pointers_test {

using namespace sseg;
using Catch::Matchers::Contains;

namespace {

std::string first_complaint() {
  const std::vector<std::string> all = cuda_double::take_complaints();
  return all.empty() ? "" : all.front();
}

}  // namespace

TEST_CASE("An operation on memory of the host is refused when it is queued") {
  cuda_test::start_double();
  {
    Cuda cuda({.cache = cuda_test::kernel_cache()});
    float here = 0;
    CHECK_THROWS_WITH(dispatch(cuda, Fill<float>{1, 2.f, &here}), Contains("cudaErrorInvalidValue"));
    CHECK_THAT(first_complaint(), Contains("sseg_fill: argument 1 is not in device memory"));
    CHECK(here == 0);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("An operation with a count beyond its memory fails when it runs") {
  cuda_test::start_double();
  {
    Cuda cuda({.cache = cuda_test::kernel_cache()});
    Buffer<float> there;
    there.lie_in(cuda.memory());
    there.reserve_at_least(1000);
    dispatch(cuda, Fill<float>{1025, 2.f, there.data()});  // the pool has rounded 4000 bytes up to 4096
    CHECK_THROWS_WITH(cuda.wait(), Contains("cudaErrorIllegalAddress"));
    CHECK_THAT(first_complaint(),
               Contains("sseg_fill, when it ran: ") && Contains("0 bytes behind the end of 4096 bytes"));
  }
  cuda_test::double_faults();  // the device is lost, and says so until the end
}

}  // namespace pointers_test
