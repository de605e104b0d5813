#pragma once
/// A program that shall train on several processes, each on the Cpu or, where it is built with -DSSEG_WITH_CUDA, on a
/// GPU of its own; with -DSSEG_WITH_NCCL beside it, their tensors go from GPU to GPU (in CMake: sseg::cuda,
/// sseg::nccl).
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "sseg/backend/cuda_here.hpp"
#include "sseg/backend/cuda_or_cpu.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/dist/card_of_rank.hpp"
#include "sseg/dist/gather_texts.hpp"
#include "sseg/dist/nccl_here.hpp"

namespace sseg {

/// What several processes train on, and how their tensors are sent.
struct RankChoice {
  std::string backend = "auto";       ///< auto, cpu or cuda, as in takes_device; the same for all ranks
  std::string precision = "f32";      ///< as BackendChoice; ranks know f32 and tf32
  std::string communicator = "auto";  ///< auto: nccl where ranks have GPUs and the program has it, else mpi; mpi; nccl
  bool share_statistics = true;       ///< as Across
  Index bucket = Index{1} << 16;      ///< as Across
  double timeout = 600;               ///< as Nccl
  cuda::GraphUse graphs = cuda::GraphUse::automatic;  ///< as BackendChoice; tensors over the host rule them out
  std::string unfit{};  ///< what the work asks of the host alone, in words; empty: nothing
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

/// Null on all ranks where one of them has a GPU that a library does not serve, and `choice` takes the Cpu then.
template <class Here, class C>
std::unique_ptr<typename Here::Backend> cards_or_null(C& ranks, const RankChoice& choice, std::FILE* out) {
  const int device = card_of_rank(ranks, Here::count());
  std::unique_ptr<typename Here::Backend> mine;
  DeviceAnswer answer;
  try {
    mine = std::make_unique<typename Here::Backend>(typename Here::Options{.device = device,
                                                                           .tf32 = choice.precision == "tf32",
                                                                           .graph = choice.graphs,
                                                                           .say = out,
                                                                           .threads = choice.host.threads});
  } catch (const Error& e) {
    answer = {e.what_happened(), e.cure()};
  }
  if (takes_device(choice.backend, answer_of_all(ranks, answer), out)) return mine;
  return nullptr;
}
template <class Here, class Gpu, class C, class F>
auto across_cards(Gpu& gpu, C& ranks, const RankChoice& choice, F&& f) {
  if constexpr (Here::built) {
    if (choice.communicator != "mpi") {
      typename Here::template Communicator<C> nccl(gpu.device(), ranks, {.timeout = choice.timeout});
      Across backend(gpu, nccl, choice.share_statistics, choice.bucket);
      return f(backend);
    }
  } else {
    require(choice.communicator != "nccl", "this program was built without NCCL", "communicator",
            "give mpi, or build with NCCL (SSEG_WITH_NCCL=ON)");
  }
  Across backend(gpu, ranks, choice.share_statistics, choice.bucket);
  return f(backend);
}

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
  if constexpr (CudaHere::built)
    if (cards)
      if (const auto gpu = detail::cards_or_null<CudaHere>(ranks, choice, out))
        return detail::across_cards<NcclHere>(*gpu, ranks, choice, f);
  detail::demand_no_graphs(choice.graphs);
  if (choice.precision != "f32") std::fputs("precision: f32, as always on the CPU\n", out);
  Cpu cpu(choice.host);
  Across backend(cpu, ranks, choice.share_statistics, choice.bucket);
  return f(backend);
}

}  // namespace sseg
