#pragma once
#include <cmath>
#include <limits>

/// The larger of two differences; one that is not a number counts as infinite (std::max would forget it).
template <class T>
T worse(T worst, T difference) {
  if (std::isnan(difference)) return std::numeric_limits<T>::infinity();
  return difference > worst ? difference : worst;
}
