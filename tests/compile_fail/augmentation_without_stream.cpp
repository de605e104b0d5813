// expect: an augmentation needs  Shape out_shape(Shape) const  and  void operator()(Rng&, View<const
#include "sseg/augment/pipeline.hpp"

// Leaves the picture alone.
struct Same {
  bool operator==(const Same&) const = default;
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
#ifdef SSEG_CONTROL
  void operator()(sseg::Rng&, sseg::View<const float> in, sseg::View<float> out) const { copy(in, out); }
#else
  void operator()(sseg::View<const float> in, sseg::View<float> out) const { copy(in, out); }
#endif
  static void copy(sseg::View<const float> in, sseg::View<float> out) {
    for (sseg::Index i = 0; i < in.shape.count(); ++i) out.data[i] = in.data[i];
  }
};

int main() { return sseg::pipeline(Same{}).out_shape({1, 1, 1}).rank; }
