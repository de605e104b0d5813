#include "cuda/double/cubin.hpp"

#include <elf.h>

#include <cstring>
#include <string_view>

#include "cuda/double/calls.hpp"

namespace cuda_double {
namespace {

// Attributes of a section .nv.info.<kernel>, each: format, name, and a value or a size and bytes.
constexpr std::uint8_t format_sized = 4, max_threads = 0x05, parameter_info = 0x17;

template <class T>
T read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void read_attributes(const char* at, const char* end, CubinKernel& kernel) {
  while (at + 4 <= end) {
    const auto format = read<std::uint8_t>(at), name = read<std::uint8_t>(at + 1);
    const char* const payload = at + 4;
    if (format == format_sized && name == parameter_info) {
      const auto ordinal = read<std::uint16_t>(payload + 4);
      if (kernel.parameter_bytes.size() <= ordinal) kernel.parameter_bytes.resize(ordinal + 1u);
      kernel.parameter_bytes[ordinal] = read<std::uint32_t>(payload + 8) >> 18;
    } else if (format == format_sized && name == max_threads) {
      kernel.most_threads =
          read<std::uint32_t>(payload) * read<std::uint32_t>(payload + 4) * read<std::uint32_t>(payload + 8);
    }
    at = payload + (format == format_sized ? read<std::uint16_t>(at + 2) : 0);
  }
}

}  // namespace

Cubin read_cubin(const void* image) {
  const auto* const start = static_cast<const char*>(image);
  demand(start != nullptr && std::memcmp(start, ELFMAG, SELFMAG) == 0, "the image is no cubin");
  const auto header = read<Elf64_Ehdr>(start);
  demand(header.e_machine == EM_CUDA, "the image is machine code, but not of a CUDA device");
  const auto section = [&](unsigned i) { return read<Elf64_Shdr>(start + header.e_shoff + i * sizeof(Elf64_Shdr)); };
  const char* const names = start + section(header.e_shstrndx).sh_offset;
  constexpr std::string_view code = ".text.", facts = ".nv.info.", shared = ".nv.shared.";
  Cubin cubin;
  cubin.architecture = static_cast<int>(header.e_flags >> 8 & 0xff);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr s = section(i);
    const std::string_view name = names + s.sh_name;
    const auto starts = [&](std::string_view prefix) { return name.substr(0, prefix.size()) == prefix; };
    const auto kernel = [&](std::string_view prefix) -> CubinKernel& {
      return cubin.kernels[std::string(name.substr(prefix.size()))];
    };
    if (starts(code)) kernel(code);
    if (starts(facts)) read_attributes(start + s.sh_offset, start + s.sh_offset + s.sh_size, kernel(facts));
    if (starts(shared) && !starts(".nv.shared.reserved")) kernel(shared).shared_bytes = s.sh_size;
  }
  return cubin;
}

}  // namespace cuda_double
