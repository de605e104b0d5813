#pragma once
#include <functional>
#include <optional>

namespace cuda_double {

/// Runs `work` until it touches memory that may not be touched: the address where it did, or nothing. It is then left
/// as it stands, without destructors.
std::optional<const void*> fault_of(const std::function<void()>& work);

}  // namespace cuda_double
