// cudart: libraries of kernels, and launches. A library is a real cubin; what runs is the kernel's host twin.
#include <algorithm>

#include "cuda/double/access.hpp"
#include "cuda/double/cubin.hpp"
#include "cuda/double/kernels.hpp"
#include "cuda/double/world.hpp"

namespace cuda_double {
namespace {

std::map<std::string, KernelTwin, std::less<>>& twins() {
  static auto* const all = new std::map<std::string, KernelTwin, std::less<>>;
  return *all;
}

struct Library;
struct Kernel {
  const Library* library;
  std::string symbol;
  CubinKernel facts;
  const KernelTwin* twin = nullptr;
  std::size_t shared_limit;
};
struct Library {
  Cubin cubin;
  std::map<std::string, Kernel, std::less<>> kernels;
};

/// Kernels are known by their address: every one that a live library has given out.
std::map<const void*, Kernel*>& given() {
  static auto* const all = new std::map<const void*, Kernel*>;
  return *all;
}

Library& library_of(cudaLibrary_t handle) {
  demand_object(handle, "cudaLibraryLoadData");
  return *reinterpret_cast<Library*>(handle);
}

Kernel& kernel_of(const void* function) {
  const auto found = given().find(function);
  demand(found != given().end(), "no such kernel, or its library was unloaded");
  return *found->second;
}

const Card& current_card() {
  const auto device = static_cast<std::size_t>(current_device());
  demand(device < world().cards.size(), "there is no device");
  return world().cards[device];
}

/// Machine code runs on devices of its own major version and the same or a later minor one.
void check_architecture(const Cubin& cubin) {
  const Card& card = current_card();
  if (cubin.architecture / 10 != card.major || cubin.architecture % 10 > card.minor)
    throw Refusal<cudaError_t>{cudaErrorNoKernelImageForDevice,
                               "sm_" + std::to_string(cubin.architecture) + " does not run on " + card.name};
}

Kernel& find_kernel(Library& library, const char* symbol) {
  const auto found = library.cubin.kernels.find(symbol);
  if (found == library.cubin.kernels.end()) throw Refusal<cudaError_t>{cudaErrorSymbolNotFound, symbol};
  const auto twin = twins().find(symbol);
  demand(twin != twins().end(), std::string(symbol) + " has no host twin");
  const std::vector<std::uint32_t>& real = found->second.parameter_bytes;
  const std::vector<Parameter>& own = twin->second.parameters;
  demand(std::equal(real.begin(), real.end(), own.begin(), own.end(),
                    [](std::uint32_t bytes, const Parameter& p) { return bytes == p.bytes; }),
         std::string(symbol) + ": the kernel and its host twin differ in their parameters");
  return library.kernels
      .try_emplace(symbol, Kernel{&library, symbol, found->second, &twin->second, current_card().shared_per_block})
      .first->second;
}

void check_launch(const Kernel& kernel, dim3 grid, dim3 block, std::size_t shared) {
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  const auto wrong = [&](const char* why) { throw Misuse("launch of " + kernel.symbol + ": " + why); };
  if (threads == 0 || grid.x == 0 || grid.y == 0 || grid.z == 0) wrong("a size is 0");
  if (grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) wrong("the grid is too large");
  if (threads > static_cast<std::size_t>(current_card().max_threads_per_block) || block.z > 64)
    wrong("the block is too large");
  if (kernel.facts.most_threads != 0 && threads > kernel.facts.most_threads)
    wrong("more threads than __launch_bounds__ says");
  if (shared + kernel.facts.shared_bytes > kernel.shared_limit) wrong("too much shared memory");
}

/// An argument of a launch that points into device memory.
struct Pointer {
  const void* at;
  std::size_t index;
  Parameter facts;
};

/// What a launch does when its turn comes. Its memory may be gone by then, which CUDA finds out, or not, as late.
struct Launch {
  std::string symbol;
  int device;
  std::vector<Pointer> pointers;
  std::function<void()> grid;

  void operator()() const {
    check_pointers();
    if (const auto fault = fault_of(grid))
      throw Misuse("it touched memory that is not its own: " + world().memory.place_of(*fault));
    for (const Pointer& p : pointers)
      if (p.facts.writes) world().memory.check_end(*world().memory.device_block(p.at, 1));
  }
  void check_pointers() const {
    for (const Pointer& p : pointers) {
      const std::string what = symbol + ": argument " + std::to_string(p.index);
      demand_on_device(p.at, p.facts.alignment, device, what);
      demand(reinterpret_cast<std::uintptr_t>(p.at) % p.facts.alignment == 0,
             what + " is not aligned to " + std::to_string(p.facts.alignment) + " bytes");
    }
  }
};

/// Null pointers are left out: kernels take them for "not there".
std::vector<Pointer> pointers_among(void** arguments, const std::vector<Parameter>& parameters) {
  std::vector<Pointer> found;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].alignment == 0) continue;
    if (const void* const at = *static_cast<void**>(arguments[i])) found.push_back({at, i, parameters[i]});
  }
  return found;
}

void run_grid(dim3 grid, dim3 threads, std::size_t shared, const std::function<void(const Block&)>& block) {
  Block b{dim3(0, 0, 0), grid, threads, shared};
  for (b.index.z = 0; b.index.z < grid.z; ++b.index.z)
    for (b.index.y = 0; b.index.y < grid.y; ++b.index.y)
      for (b.index.x = 0; b.index.x < grid.x; ++b.index.x) block(b);
}

void launch(const void* function, dim3 grid, dim3 block, void** arguments, std::size_t shared, cudaStream_t stream) {
  const Kernel& kernel = kernel_of(function);
  check_launch(kernel, grid, block, shared);
  Stream& queue = stream_of(stream);
  Launch work{kernel.symbol, queue.device, pointers_among(arguments, kernel.twin->parameters),
              [=, run = kernel.twin->bind(arguments)] { run_grid(grid, block, shared, run); }};
  work.check_pointers();
  world().streams.push(queue, kernel.symbol, std::move(work));
}

}  // namespace

void register_kernel(std::string symbol, KernelTwin twin) { twins()[std::move(symbol)] = std::move(twin); }

}  // namespace cuda_double

using namespace cuda_double;

extern "C" {

cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* image, cudaJitOption*, void**, unsigned,
                                cudaLibraryOption*, void**, unsigned) {
  return answer_cuda(__func__, cudaErrorInvalidKernelImage, [&] {
    Cubin cubin = read_cubin(image);
    check_architecture(cubin);
    *library = reinterpret_cast<cudaLibrary_t>(keep(new Library{std::move(cubin), {}}, "cudaLibraryLoadData"));
  });
}

cudaError_t cudaLibraryUnload(cudaLibrary_t library) {
  return answer_cuda_release(__func__, [&] {
    Library& l = library_of(library);
    for (const auto& [symbol, kernel] : l.kernels) given().erase(&kernel);
    forget_object(library, "cudaLibraryLoadData");
    delete &l;
  });
}

cudaError_t cudaLibraryGetKernel(cudaKernel_t* kernel, cudaLibrary_t library, const char* symbol) {
  return answer_cuda(__func__, cudaErrorSymbolNotFound, [&] {
    Kernel& found = find_kernel(library_of(library), symbol);
    given()[&found] = &found;
    *kernel = reinterpret_cast<cudaKernel_t>(&found);
  });
}

cudaError_t cudaKernelSetAttributeForDevice(cudaKernel_t kernel, cudaFuncAttribute attribute, int value, int) {
  return answer_cuda(__func__, cudaErrorInvalidValue, [&] {
    demand(attribute == cudaFuncAttributeMaxDynamicSharedMemorySize, "this attribute is not in the double");
    demand(value >= 0 && static_cast<std::size_t>(value) <= current_card().shared_per_block_optin,
           "more shared memory than the device has");
    kernel_of(kernel).shared_limit = static_cast<std::size_t>(value);
  });
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                             cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchOutOfResources,
                     [&] { launch(function, grid, block, arguments, shared, stream); });
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config, const void* function, void** arguments) {
  return answer_cuda(__func__, cudaErrorLaunchOutOfResources, [&] {
    launch(function, config->gridDim, config->blockDim, arguments, config->dynamicSmemBytes, config->stream);
  });
}

}  // extern "C"
