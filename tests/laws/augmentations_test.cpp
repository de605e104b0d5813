#include "laws/augmentation_law.hpp"
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/warp.hpp"

using namespace sseg;
using law::obeys_augmentation_law;

namespace {
/// Square and gray, higher than wide in colour, and small and wide.
template <class A>
void obeys_on_all_sizes(const A& augment, bool draws = true) {
  for (const Shape shape : {Shape{28, 28, 1}, Shape{21, 13, 3}, Shape{9, 12, 2}})
    obeys_augmentation_law(augment, shape, draws);
}
}  // namespace

TEST_CASE("Warp obeys the augmentation law, at rest too") {
  obeys_on_all_sizes(Warp{});
  obeys_on_all_sizes(Warp{.rotate = 180, .scale = 1, .shear = 1, .translate = 0.8f, .elastic = 0.5f});
  obeys_on_all_sizes(Warp{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0.05f});
  obeys_on_all_sizes(Warp{.rotate = 0, .scale = 0, .shear = 0, .translate = 0, .elastic = 0}, false);
}

TEST_CASE("Brightness obeys the augmentation law") {
  obeys_on_all_sizes(Brightness{});
  obeys_on_all_sizes(Brightness{.contrast = 1, .brightness = 1});
  obeys_on_all_sizes(Brightness{.contrast = 0, .brightness = 0}, false);
}

TEST_CASE("Erase obeys the augmentation law, with squares of one pixel and of the whole side") {
  obeys_on_all_sizes(Erase{.probability = 0.5f, .side = 0.5f});
  obeys_on_all_sizes(Erase{.probability = 1, .side = 1});
  obeys_on_all_sizes(Erase{.probability = 1, .side = 0.f});
  obeys_on_all_sizes(Erase{.probability = 0, .side = 1}, false);
}

TEST_CASE("Frame obeys the augmentation law, centred and not, smaller, larger and at its own size") {
  for (const Index side : {Index{7}, Index{28}, Index{40}}) {
    obeys_on_all_sizes(Frame{.side = side}, false);
    obeys_on_all_sizes(Frame{.side = side, .center = true}, false);
    obeys_on_all_sizes(Frame{.side = side, .center = true, .rescale = true}, false);
  }
}

TEST_CASE("Pipelines obey the augmentation law, of one step, of many and nested") {
  obeys_on_all_sizes(pipeline(Brightness{}));
  obeys_on_all_sizes(pipeline(Frame{.side = 11}), false);
  obeys_on_all_sizes(pipeline(Warp{}, Frame{.side = 16, .center = true}, Brightness{}, Erase{}));
  obeys_on_all_sizes(pipeline(Frame{.side = 31}, Warp{}, Frame{.side = 8}));
}
