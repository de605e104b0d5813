#pragma once
#include <string>

#include "sseg/core/error.hpp"

namespace sseg_test {

/// The text of the sseg::Error that `action` throws, or "" when it throws none. Any other exception passes through.
template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const sseg::Error& error) {
    return error.what();
  }
  return "";
}

/// True when `action` succeeds or fails with an sseg::Error: what code that reads hostile bytes may do.
template <class Action>
bool ends_well(Action&& action) {
  try {
    action();
  } catch (const sseg::Error&) {
  } catch (...) {
    return false;
  }
  return true;
}

}  // namespace sseg_test
