#pragma once
/// A program that shall train on several processes, each on the Cpu or, where it is built with -DSSEG_WITH_CUDA, on a
/// GPU of its own; with -DSSEG_WITH_NCCL beside it, their tensors go from GPU to GPU (in CMake: sseg::cuda,
/// sseg::nccl).
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sseg/backend/cuda_or_cpu.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/dist/card_of_rank.hpp"
#include "sseg/dist/gather_texts.hpp"
#if defined(SSEG_WITH_CUDA) && defined(SSEG_WITH_NCCL)
#include "sseg/dist/nccl.hpp"  // optional
#endif

namespace sseg {

/// What several processes train on, and how their tensors are sent.
struct RankChoice {
  std::string backend = "auto";       ///< auto, cpu or cuda, as in takes_device; the same for all ranks
  std::string communicator = "auto";  ///< auto: nccl where ranks have GPUs and the program has it, else mpi; mpi; nccl
  bool share_statistics = true;       ///< as Across
  Index bucket = Index{1} << 16;      ///< as Across
  double timeout = 600;               ///< as Nccl
  std::string unfit{};                ///< what the work asks of the host alone, in words; empty: nothing
  CpuOptions host{};
};

namespace detail {

/// Of all ranks: a GPU, if each has one. The first reason against it is everybody's.
template <Communicator C>
DeviceAnswer ask_all_for_device(C& ranks, const std::string& unfit) {
  DeviceAnswer answer = ask_for_device();
  if (answer.reason.empty() && !unfit.empty()) answer = {unfit, "give backend=cpu, or work without it"};
  const auto reasons = gather_texts(ranks, answer.reason), cures = gather_texts(ranks, answer.cure);
  for (std::size_t r = 0; r < reasons.size() && answer.reason.empty(); ++r)
    if (!reasons[r].empty()) answer = {"rank " + std::to_string(r) + " has none: " + reasons[r], cures[r]};
  return answer;
}

#if defined(SSEG_WITH_CUDA)
template <class C, class F>
auto across_cards(C& ranks, const RankChoice& choice, F&& f) {
  Cuda cuda({.device = card_of_rank(ranks, cuda::DeviceProbe::ask().devices), .threads = choice.host.threads});
#if defined(SSEG_WITH_NCCL)
  if (choice.communicator != "mpi") {
    Nccl nccl(cuda.device(), ranks, {.timeout = choice.timeout});
    Across backend(cuda, nccl, choice.share_statistics, choice.bucket);
    return f(backend);
  }
#else
  require(choice.communicator != "nccl", "this program was built without NCCL", "communicator",
          "give mpi, or build with NCCL (SSEG_WITH_NCCL=ON)");
#endif
  Across backend(cuda, ranks, choice.share_statistics, choice.bucket);
  return f(backend);
}
#endif

}  // namespace detail

/// f(backend) with a backend across all ranks of a communicator of the host, as `choice` says: Across of the Cpu, or of
/// a GPU a rank (card_of_rank). `out`: where it is said that GPUs cannot be had. All ranks call it. Returns what f
/// returns. Throws: Error, as f and the backends do, and where NCCL is wanted and cannot be had.
template <Communicator C, class F>
auto across_ranks(C& ranks, const RankChoice& choice, std::FILE* out, F&& f) {
  const std::string& by = choice.communicator;
  require(by == "auto" || by == "mpi" || by == "nccl", "there is no such communicator", "communicator",
          "give auto, mpi or nccl");
  const bool cards = takes_device(choice.backend, detail::ask_all_for_device(ranks, choice.unfit), out);
  require(cards || by != "nccl", "NCCL serves GPUs, and this run is on the CPU", "communicator",
          "give auto or mpi, or backend=cuda where there are GPUs");
#if defined(SSEG_WITH_CUDA)
  if (cards) return detail::across_cards(ranks, choice, f);
#endif
  Cpu cpu(choice.host);
  Across backend(cpu, ranks, choice.share_statistics, choice.bucket);
  return f(backend);
}

}  // namespace sseg
