#pragma once
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"
#include "mpi/ranks.hpp"
#include "sseg/dist/card_of_rank.hpp"
#include "sseg/dist/nccl.hpp"

/// A rank's machine under the double: as many cards as ranks, of which it takes one, and NCCL between them.
struct OnDouble {
  std::optional<sseg::Cuda> cuda;
  std::optional<sseg::Nccl<sseg::Mpi>> nccl;

  /// `late`: work runs as late as CUDA allows it, also where SSEG_CUDA_DOUBLE asks for the other way.
  explicit OnDouble(double timeout = 60, bool late = false,
                    sseg::cuda::GraphUse graph = sseg::cuda::GraphUse::automatic, std::FILE* say = stderr) {
    const int k = ranks().size();
    cuda_test::start_double(std::vector<cuda_double::Card>(static_cast<std::size_t>(k)));
    if (const char* const wanted = std::getenv("SSEG_CUDA_DOUBLE"); wanted != nullptr && !late)
      cuda_double::set_schedule(cuda_double::Schedule::early);
    cuda.emplace(sseg::CudaOptions{.device = sseg::card_of_rank(ranks(), k),
                                   .cache = cuda_test::kernel_cache(),
                                   .graph = graph,
                                   .say = say,
                                   .threads = 1});
    nccl.emplace(cuda->device(), ranks(), sseg::NcclOptions{.timeout = timeout});
  }
  OnDouble(const OnDouble&) = delete;
  OnDouble& operator=(const OnDouble&) = delete;
  /// Nothing may have gone wrong, or be left.
  ~OnDouble() {
    nccl.reset();
    cuda.reset();
    for (const std::string& fault : cuda_test::double_faults()) {
      UNSCOPED_INFO(fault);
      CHECK(fault.empty());
    }
  }

  /// An array on the device, with the host's values at first.
  template <class T>
  sseg::Buffer<T> there(const std::vector<T>& x) {
    sseg::Buffer<T> b;
    b.lie_in(cuda->memory());
    b.reserve_at_least(static_cast<sseg::Index>(x.size()));
    b.upload(x);
    return b;
  }
  template <class T>
  static std::vector<T> here(const sseg::Buffer<T>& b) {
    std::vector<T> x(sseg::to_size(b.size()));
    b.download(x);
    return x;
  }
};
