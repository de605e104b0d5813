#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace cuda_double {

using Bytes = std::vector<std::byte>;

/// One call that all ranks take part in: what a rank sends, and what becomes of everybody's.
struct NcclCall {
  std::string kind;  ///< the function, how many values, the root, in which graph: the same on all ranks
  std::function<Bytes()> send;
  std::function<void(const std::vector<Bytes>&)> receive;
};

inline Bytes copy_of(const void* from, std::size_t bytes) {
  const auto* const at = static_cast<const std::byte*>(from);
  return {at, at + bytes};
}

}  // namespace cuda_double
