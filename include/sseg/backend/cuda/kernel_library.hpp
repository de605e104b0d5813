#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sseg/backend/cuda/cubin_cache.hpp"
#include "sseg/backend/cuda/kernel_list.hpp"
#include "sseg/backend/cuda/kernel_source.hpp"
#include "sseg/backend/cuda/nvrtc.hpp"
#include "sseg/backend/cuda/work_queue.hpp"

namespace sseg::cuda {

/// All kernels, compiled for one device and loaded there.
class KernelLibrary {
 public:
  /// Throws: Error when NVRTC does not serve the architecture, or the device refuses the code.
  KernelLibrary(int architecture, const CubinCache& cache)
      : cubin_(cache.get(kernel_source(), compiler(), architecture,
                         [&] { return compile_cubin(kernel_source(), architecture); })) {
    check(cudaLibraryLoadData(&library_, cubin_.data(), nullptr, nullptr, 0, nullptr, nullptr, 0),
          "cudaLibraryLoadData of the kernels");
  }
  KernelLibrary(const KernelLibrary&) = delete;
  KernelLibrary& operator=(const KernelLibrary&) = delete;
  ~KernelLibrary() {
    if (library_ != nullptr) (void)cudaLibraryUnload(library_);
  }

  /// Queues kernel K; arguments are converted to its parameters. Nothing happens without a block.
  template <class K, class... A>
  void launch(WorkQueue& work, long long blocks, A... arguments) {
    if (blocks > 0) start(K::twin, K::symbol, work, static_cast<unsigned>(blocks), arguments...);
  }
  /// Notes it for a stream that is not the tape's.
  template <class K, class... A>
  void note(Tape& tape, const Stream& other, long long blocks, A... arguments) {
    if (blocks > 0) note(K::twin, K::symbol, tape, other, static_cast<unsigned>(blocks), arguments...);
  }

 private:
  static constexpr std::size_t most_arguments = 32;

  /// What the code depends on beside source and architecture.
  static std::string compiler() {
    std::string text = nvrtc_version();
    for (const char* option : nvrtc_options) text += std::string(" ") + option;
    return text;
  }

  template <class... P>
  void start(void (HostBlock::*)(P...) const, const char* symbol, WorkQueue& work, unsigned blocks,
             std::type_identity_t<P>... arguments) {
    static_assert(sizeof...(P) <= most_arguments);
    work.give(&play, find(symbol), symbol, blocks, arguments...);
  }
  template <class... P>
  void note(void (HostBlock::*)(P...) const, const char* symbol, Tape& tape, const Stream& other, unsigned blocks,
            std::type_identity_t<P>... arguments) {
    static_assert(sizeof...(P) <= most_arguments);
    tape.note(&play_on_other, &other, find(symbol), symbol, blocks, arguments...);
  }
  static void play_on_other(const Stream&, Tape::Words words) {
    const auto* const other = words.next<const Stream*>();
    play(*other, words);
  }
  static void play(const Stream& stream, Tape::Words words) {
    const auto* const kernel = words.next<const void*>();
    const auto* const symbol = words.next<const char*>();
    const auto blocks = words.next<unsigned>();
    std::array<void*, most_arguments> pointers{};
    std::size_t n = 0;
    for (const std::uint64_t& word : words.rest()) pointers[n++] = const_cast<std::uint64_t*>(&word);
    check(cudaLaunchKernel(kernel, dim3(blocks), dim3(threads_of_block), pointers.data(), 0, stream.get()), symbol);
  }
  /// cudaLaunchKernel takes a kernel as the address of a function.
  const void* find(const char* symbol) {
    if (const auto found = kernels_.find(symbol); found != kernels_.end()) return found->second;
    cudaKernel_t one = nullptr;
    check(cudaLibraryGetKernel(&one, library_, symbol), symbol);
    return kernels_.emplace(symbol, one).first->second;
  }

  std::string cubin_;
  cudaLibrary_t library_ = nullptr;
  std::map<std::string_view, cudaKernel_t> kernels_;
};

}  // namespace sseg::cuda
