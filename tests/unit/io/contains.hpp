#pragma once
#include <string>

#include "support/catch.hpp"

namespace sseg_test {

/// Matches a text in which `part` occurs: the one matcher that Catch2 3 has under another name than Catch2 2.13.
inline auto Contains(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace sseg_test
