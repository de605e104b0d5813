#pragma once
/// A program that shall train on several processes, each on the Cpu or, where it is built with -DSSEG_WITH_CUDA, on a
/// GPU of its own; with -DSSEG_WITH_NCCL beside it, their tensors go from GPU to GPU (in CMake: sseg::cuda,
/// sseg::nccl).
#include <cstdio>
#include <memory>
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
  std::string precision = "f32";      ///< as BackendChoice; ranks know f32 and tf32
  std::string communicator = "auto";  ///< auto: nccl where ranks have GPUs and the program has it, else mpi; mpi; nccl
  bool share_statistics = true;       ///< as Across
  Index bucket = Index{1} << 16;      ///< as Across
  double timeout = 600;               ///< as Nccl
  std::string unfit{};                ///< what the work asks of the host alone, in words; empty: nothing
  CpuOptions host{};
};

namespace detail {

/// The first of the ranks' reasons, with its cure, as everybody's.
template <Communicator C>
DeviceAnswer answer_of_all(C& ranks, DeviceAnswer mine) {
  const auto reasons = gather_texts(ranks, mine.reason), cures = gather_texts(ranks, mine.cure);
  for (std::size_t r = 0; r < reasons.size() && mine.reason.empty(); ++r)
    if (!reasons[r].empty()) mine = {"rank " + std::to_string(r) + " has none: " + reasons[r], cures[r]};
  return mine;
}

/// Of all ranks: a GPU, if each has one.
template <Communicator C>
DeviceAnswer ask_all_for_device(C& ranks, const std::string& unfit) {
  DeviceAnswer answer = ask_for_device();
  if (answer.reason.empty() && !unfit.empty()) answer = {unfit, "give backend=cpu, or work without it"};
  return answer_of_all(ranks, answer);
}

#if defined(SSEG_WITH_CUDA)
/// Null on all ranks where one of them has a GPU that a library does not serve, and `choice` takes the Cpu then.
template <class C>
std::unique_ptr<Cuda> cards_or_null(C& ranks, const RankChoice& choice, std::FILE* out) {
  const int device = card_of_rank(ranks, cuda::DeviceProbe::ask().devices);
  std::unique_ptr<Cuda> mine;
  DeviceAnswer answer;
  try {
    mine = std::make_unique<Cuda>(
        CudaOptions{.device = device, .tf32 = choice.precision == "tf32", .threads = choice.host.threads});
  } catch (const Error& e) {
    answer = {e.what_happened(), e.cure()};
  }
  if (takes_device(choice.backend, answer_of_all(ranks, answer), out)) return mine;
  return nullptr;
}
template <class C, class F>
auto across_cards(Cuda& cuda, C& ranks, const RankChoice& choice, F&& f) {
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
  const bool known = choice.precision == "f32" || choice.precision == "tf32";
  (void)knows_precision(choice.precision);  // throws where it is none
  const bool cards = takes_device(choice.backend, detail::ask_all_for_device(ranks, choice.unfit), out);
  require(cards || by != "nccl", "NCCL serves GPUs, and this run is on the CPU", "communicator",
          "give auto or mpi, or backend=cuda where there are GPUs");
  require(known || !cards, "ranks compute with factors of f32 or tf32", "precision",
          "give one of them, or train in one process by train_sseg_16bit");
#if defined(SSEG_WITH_CUDA)
  if (cards)
    if (const auto cuda = detail::cards_or_null(ranks, choice, out))
      return detail::across_cards(*cuda, ranks, choice, f);
#endif
  if (choice.precision != "f32") std::fputs("precision: f32, as always on the CPU\n", out);
  Cpu cpu(choice.host);
  Across backend(cpu, ranks, choice.share_statistics, choice.bucket);
  return f(backend);
}

}  // namespace sseg
