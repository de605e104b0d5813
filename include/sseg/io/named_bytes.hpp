#pragma once
#include <string>

namespace sseg::detail {

/// The bytes of a file, and how messages name it.
struct NamedBytes {
  std::string bytes, where;
};

}  // namespace sseg::detail
