// expect: sseg::Across: the communicator must reach the backend's tensors (the same Space), or the host's.
#include "sseg/backend/reference.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/dist/alone.hpp"

struct Elsewhere : sseg::Alone {
#ifndef SSEG_CONTROL
  struct Space {};
#endif
};

using Wrong = sseg::Across<sseg::Reference<float>, Elsewhere>;
static_assert(sizeof(Wrong) > 0);
