// expect: both backends must keep their tensors in the same memory space
#include "sseg/backend/prefer.hpp"
#include "sseg/backend/reference.hpp"

#ifdef SSEG_CONTROL
using Elsewhere = sseg::HostSpace;
#else
struct Elsewhere {};
#endif

struct Distant {
  static constexpr std::string_view name = "distant";
  using Scalar = float;
  using Space = Elsewhere;
};

int main() {
  const sseg::Prefer<Distant, sseg::Reference<float>> both;
  return static_cast<int>(both.fallbacks());
}
