#pragma once
// The only door to MPI, version 3 or newer. Without CMake: mpicxx -std=c++20 -I include program.cpp
#define OMPI_SKIP_MPICXX 1   // NOLINT(readability-identifier-naming): without the old C++ bindings
#define MPICH_SKIP_MPICXX 1  // NOLINT(readability-identifier-naming)
#include <mpi.h>

#include <string>

#include "sseg/core/error.hpp"

namespace sseg {

/// Throws: Error with MPI's own words unless `code` says success. `where` names the call.
inline void check_mpi(int code, const char* where) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING + 1] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error("MPI: " + std::string(text, static_cast<std::size_t>(length)), where,
              "see what mpirun says of the other ranks; the last checkpoint resumes");
}

}  // namespace sseg
