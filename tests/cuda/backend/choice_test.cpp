#include <cstdlib>
#include <string>
#include <utility>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "support/captured_file.hpp"

// This file is a program that knows a GPU.
#define SSEG_WITH_CUDA
#define SSEG_WITH_CUDA_16BIT
#include "sseg/backend/cuda_or_cpu.hpp"

namespace choice_test {

using namespace sseg;

namespace {

/// The name of the backend that `wanted` gives, and what was said.
std::pair<std::string, std::string> chosen(const char* wanted, const char* unfit = "") {
  ::setenv("XDG_CACHE_HOME", cuda_test::kernel_cache().c_str(), 1);
  sseg_test::CapturedFile out;
  std::string name = with_cuda_or_cpu({wanted}, unfit, {.threads = 1}, out.file(),
                                      [](auto& backend) { return std::string(backend.name); });
  return {name, out.text()};
}

}  // namespace

TEST_CASE("A program that knows a GPU takes it where it is and can do the work") {
  SSEG_ON_DEVICE();
  CHECK(chosen("auto") == std::pair<std::string, std::string>{"cuda", ""});
  CHECK(chosen("cuda").first == "cuda");
  CHECK(chosen("cpu") == std::pair<std::string, std::string>{"cpu", ""});
  CHECK(chosen("auto", "it needs the host") ==
        std::pair<std::string, std::string>{"cpu", "backend: the CPU, because it needs the host\n"});
  CHECK_THROWS_WITH(chosen("cuda", "it needs the host"), Catch::Matchers::Contains("it needs the host"));
}

namespace {

/// x·1 by a product and by a convolution of one number.
struct Products {
  float gemm = 0, convolution = 0;
};
Products products(std::string_view precision, float x) {
  ::setenv("XDG_CACHE_HOME", cuda_test::kernel_cache().c_str(), 1);
  return with_cuda_or_cpu({"cuda", precision}, {}, {.threads = 1}, stdout, [&](auto& backend) {
    Buffer<float> a(1), b(1), c(1), d(1);
    a[0] = x, b[0] = 1;
    for (Buffer<float>* const one : {&a, &b, &c, &d}) one->move_to(memory_of(backend));
    dispatch(backend, Gemm<float>{1, 1, 1, 1.f, a.data(), false, b.data(), false, c.data(), false});
    dispatch(backend, Conv2dForward<float>{{1, 1, 1, 1, 1, 1, 1, 0}, a.data(), b.data(), nullptr, d.data()});
    c.move_to(nullptr), d.move_to(nullptr);
    return Products{c[0], d[0]};
  });
}

}  // namespace

TEST_CASE("The precision that is chosen reaches products and convolutions") {
  SSEG_ON_DEVICE();
  const float twelve_bits = 1.f + 0x1p-12f, nine_bits = 1.f + 0x1p-9f;  // of mantissa
  CHECK((products("f32", twelve_bits).gemm == twelve_bits && products("f32", twelve_bits).convolution == twelve_bits));
  CHECK((products("tf32", twelve_bits).gemm == 1 && products("tf32", twelve_bits).convolution == 1));
  CHECK((products("bf16", nine_bits).gemm == nine_bits && products("bf16", nine_bits).convolution == 1));
  CHECK((products("f16", nine_bits).gemm == nine_bits && products("f16", nine_bits).convolution == nine_bits));
  CHECK((products("f16", twelve_bits).gemm == 1 && products("f16", twelve_bits).convolution == 1));
  CHECK_THROWS_WITH(products("f8", 1.f), Catch::Matchers::Contains("there is no such precision"));
}

TEST_CASE("A GPU that a library does not serve is named, and auto takes the CPU") {
  cuda_double::Card old;
  old.name = "Tesla K80", old.major = 3, old.minor = 7;
  cuda_test::start_double({old});
  const auto [name, said] = chosen("auto");
  CHECK(name == "cpu");
  CHECK(said.find("sm_37") != std::string::npos);
  CHECK_THROWS_WITH(chosen("cuda"), Catch::Matchers::Contains("sm_37"));
  CHECK(cuda_test::double_faults().empty());
  cuda_test::start_double({});
  CHECK(chosen("auto").first == "cpu");
}

}  // namespace choice_test
