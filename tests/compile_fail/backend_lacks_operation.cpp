// expect: this backend has no  bool can(const Op&)  and  void run(const Op&)  for the operation Op
#include "sseg/backend/ops.hpp"

// Adds, and nothing else.
struct Adder {
  static constexpr std::string_view name = "adder";
  using Scalar = float;
  using Space = sseg::HostSpace;
  bool can(const sseg::Add<float>&) const { return true; }
  void run(const sseg::Add<float>& op) {
    for (sseg::Index i = 0; i < op.count; ++i) op.y[i] = op.a[i] + op.b[i];
  }
};

int main() {
  Adder backend;
  float y = 0;
#ifdef SSEG_CONTROL
  sseg::dispatch(backend, sseg::Add<float>{1, &y, &y, &y});
#else
  sseg::dispatch(backend, sseg::ReluForward<float>{1, &y, &y});
#endif
}
