// expect: both backends must compute in the same scalar type
#include "sseg/backend/prefer.hpp"
#include "sseg/backend/reference.hpp"

#ifdef SSEG_CONTROL
using Second = sseg::Reference<float>;
#else
using Second = sseg::Reference<double>;
#endif

int main() {
  const sseg::Prefer<sseg::Reference<float>, Second> both;
  return static_cast<int>(both.fallbacks());
}
