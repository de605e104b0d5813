#pragma once
// The only door to NCCL, version 2.18 or newer (in CMake: sseg::nccl).
#include <nccl.h>

#include <string>

#include "sseg/core/error.hpp"

namespace sseg {

/// Throws: Error with NCCL's own words unless `result` says success. `comm`, where there is one, tells more.
inline void check_nccl(ncclResult_t result, const char* where, ncclComm_t comm = nullptr) {
  if (result == ncclSuccess) return;
  std::string text = std::string("NCCL: ") + ncclGetErrorString(result);
  if (const char* const more = ncclGetLastError(comm); more != nullptr && *more != '\0')
    text += std::string(": ") + more;
  throw Error(text, where, "NCCL_DEBUG=WARN in the environment says more; the last checkpoint resumes");
}

}  // namespace sseg
