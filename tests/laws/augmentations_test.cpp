#include "laws/augmentation_law.hpp"
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/color_jitter.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/erase_boxes.hpp"
#include "sseg/augment/flip.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/gaussian_blur.hpp"
#include "sseg/augment/grayscale.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/presets.hpp"
#include "sseg/augment/random_geometry.hpp"
#include "sseg/augment/random_resized_crop.hpp"
#include "sseg/augment/random_turn.hpp"
#include "sseg/augment/solarize.hpp"
#include "sseg/augment/standardize.hpp"
#include "sseg/augment/stroke_width.hpp"
#include "sseg/augment/warp.hpp"

namespace augmentations_test {

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

TEST_CASE("RandomResizedCrop obeys the augmentation law, smaller, larger, and of the whole picture") {
  for (const Index side : {Index{1}, Index{12}, Index{40}}) obeys_on_all_sizes(RandomResizedCrop{.side = side});
  obeys_on_all_sizes(RandomResizedCrop{.side = 9, .scale_min = 0.01f, .scale_max = 0.1f, .ratio_min = 0.1f});
  obeys_on_all_sizes(RandomResizedCrop{.side = 9, .scale_min = 1, .scale_max = 1, .ratio_min = 1, .ratio_max = 1},
                     false);
}

TEST_CASE("Flip obeys the augmentation law") {
  obeys_on_all_sizes(Flip{});
  obeys_on_all_sizes(Flip{.horizontal = 0.5f, .vertical = 0.5f});
  obeys_on_all_sizes(Flip{.horizontal = 1, .vertical = 1}, false);
}

TEST_CASE("ColorJitter obeys the augmentation law, weak and strong") {
  obeys_on_all_sizes(ColorJitter{});
  obeys_on_all_sizes(ColorJitter{.brightness = 3, .contrast = 3, .saturation = 3, .hue = 0.5f, .probability = 1});
  obeys_on_all_sizes(ColorJitter{.probability = 0}, false);
}

TEST_CASE("Grayscale obeys the augmentation law") {
  obeys_augmentation_law(Grayscale{.probability = 0.5f}, {28, 28, 1}, false);  // gray already
  obeys_augmentation_law(Grayscale{.probability = 0.5f}, {21, 13, 3});
  obeys_augmentation_law(Grayscale{.probability = 0.5f}, {9, 12, 2});
  obeys_on_all_sizes(Grayscale{.probability = 1}, false);
}

TEST_CASE("GaussianBlur obeys the augmentation law, also where it is wider than the picture") {
  obeys_on_all_sizes(GaussianBlur{});
  obeys_on_all_sizes(GaussianBlur{.sigma_min = 0, .sigma_max = 32, .probability = 1});
  obeys_on_all_sizes(GaussianBlur{.sigma_min = 1, .sigma_max = 1, .probability = 1}, false);
}

TEST_CASE("Solarize obeys the augmentation law") {
  obeys_on_all_sizes(Solarize{.probability = 0.5f});
  obeys_on_all_sizes(Solarize{.threshold = 0, .probability = 1}, false);
}

TEST_CASE("Standardize obeys the augmentation law, but for the range of its values") {
  for (const Shape shape : {Shape{28, 28, 1}, Shape{21, 13, 3}, Shape{9, 12, 2}})
    obeys_augmentation_law(Standardize::cifar_fs(), shape, false, false);
  obeys_on_all_sizes(Standardize{}, false);
}

TEST_CASE("RandomGeometry obeys the augmentation law, warped and not, smaller and larger, with both kinds of outside") {
  for (const Index side : {Index{1}, Index{12}, Index{40}})
    for (const bool repeat_edge : {false, true})
      for (const float warped : {0.f, 0.5f, 1.f})
        obeys_on_all_sizes(
            RandomGeometry{.crop = {.side = side}, .warp_probability = warped, .repeat_edge = repeat_edge});
  obeys_on_all_sizes(RandomGeometry{
      .crop = {.side = 9, .scale_min = 0.01f},
      .warp = {.rotate = 180, .scale = 1, .shear = 1, .translate = 0.8f, .elastic = 0.5f},
  });
  obeys_on_all_sizes(RandomGeometry{.crop = {.side = 9, .scale_min = 1, .ratio_min = 1, .ratio_max = 1},
                                    .flip = {.horizontal = 1, .vertical = 1},
                                    .warp_probability = 0},
                     false);
}

TEST_CASE("StrokeWidth obeys the augmentation law, thinner, thicker and off") {
  obeys_on_all_sizes(StrokeWidth{});
  obeys_on_all_sizes(StrokeWidth{.thinner = 3, .thicker = 0, .probability = 1});
  obeys_on_all_sizes(StrokeWidth{.thinner = 16, .thicker = 16, .probability = 1});
  obeys_on_all_sizes(StrokeWidth{.probability = 0}, false);
}

TEST_CASE("RandomTurn obeys the augmentation law on squares, and off on every picture") {
  for (const Shape shape : {Shape{28, 28, 1}, Shape{13, 13, 3}}) {
    // The law tries pictures that are not square too; the crop is.
    obeys_augmentation_law(pipeline(RandomResizedCrop{.side = 11}, RandomTurn{}), shape);
  }
  obeys_on_all_sizes(RandomTurn{.probability = 0}, false);
}

TEST_CASE("EraseBoxes obeys the augmentation law, one box, many, of noise, and off") {
  obeys_on_all_sizes(EraseBoxes{});
  obeys_on_all_sizes(EraseBoxes{.probability = 1, .count = 5, .scale_max = 1, .fill = 1});
  obeys_on_all_sizes(EraseBoxes{.probability = 1, .count = 2, .noise = true});
  obeys_on_all_sizes(EraseBoxes{.probability = 0}, false);
}

TEST_CASE("The presets obey the augmentation law") {
  obeys_on_all_sizes(presets::drawings(12));
  for (const auto& photo : {presets::small_photos(12), presets::photos(15), presets::curriculum(12)})
    obeys_on_all_sizes(photo);
}

TEST_CASE("Pipelines obey the augmentation law, of one step, of many and nested") {
  obeys_on_all_sizes(pipeline(Brightness{}));
  obeys_on_all_sizes(pipeline(Frame{.side = 11}), false);
  obeys_on_all_sizes(pipeline(Warp{}, Frame{.side = 16, .center = true}, Brightness{}, Erase{}));
  obeys_on_all_sizes(pipeline(Frame{.side = 31}, Warp{}, Frame{.side = 8}));
  obeys_on_all_sizes(
      pipeline(RandomResizedCrop{.side = 16}, Flip{}, ColorJitter{}, Grayscale{}, GaussianBlur{}, Solarize{}));
}

}  // namespace augmentations_test
