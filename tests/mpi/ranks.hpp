#pragma once
#include "sseg/dist/mpi.hpp"

/// The ranks that mpirun started this test program on. A test that fails on one rank leaves the others waiting for so
/// long at most.
inline sseg::Mpi& ranks() {
  static sseg::Mpi mpi({.timeout = 60});
  return mpi;
}
