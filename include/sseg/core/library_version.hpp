#pragma once
#include <string_view>

namespace sseg {

/// The version of this library, "MAJOR.MINOR.PATCH". The build reads it from this line.
inline constexpr std::string_view library_version = "0.1.0";

}  // namespace sseg
