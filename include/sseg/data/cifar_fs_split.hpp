#pragma once
#include <array>
#include <span>
#include <string_view>

#include "sseg/data/split.hpp"

namespace sseg {

namespace detail {

inline constexpr std::array<std::string_view, 64> cifar_fs_train{
    "apple", "aquarium_fish", "bear",       "bee",         "bottle",   "bowl",      "boy",         "bridge",
    "bus",   "can",           "castle",     "caterpillar", "chair",    "clock",     "cloud",       "cockroach",
    "couch", "cup",           "dinosaur",   "dolphin",     "elephant", "forest",    "girl",        "hamster",
    "house", "kangaroo",      "keyboard",   "lawn_mower",  "lion",     "lizard",    "lobster",     "mountain",
    "mouse", "mushroom",      "oak_tree",   "orange",      "orchid",   "palm_tree", "pear",        "pine_tree",
    "plate", "porcupine",     "possum",     "rabbit",      "raccoon",  "ray",       "road",        "seal",
    "shrew", "skunk",         "skyscraper", "snake",       "spider",   "squirrel",  "streetcar",   "sunflower",
    "tank",  "tiger",         "train",      "trout",       "tulip",    "turtle",    "willow_tree", "wolf"};
inline constexpr std::array<std::string_view, 16> cifar_fs_validation{
    "beaver", "beetle",     "butterfly",  "camel", "cattle", "crab",  "crocodile",  "flatfish",
    "lamp",   "maple_tree", "motorcycle", "otter", "sea",    "shark", "television", "tractor"};
inline constexpr std::array<std::string_view, 20> cifar_fs_test{
    "baby",   "bed",  "bicycle", "chimpanzee",   "fox",   "leopard",   "man",      "pickup_truck", "plain", "poppy",
    "rocket", "rose", "snail",   "sweet_pepper", "table", "telephone", "wardrobe", "whale",        "woman", "worm"};

}  // namespace detail

/// The classes of CIFAR-FS (Bertinetto, Henriques, Torr, Vedaldi, ICLR 2019): the 100 of CIFAR-100 cut 64/16/20, named
/// as `fine_label_names.txt` has them and in alphabetical order, which is that of the labels. As in the lists of
/// github.com/ArnoutDevos/maml-cifar-fs, data/CIFARFS/cifar-fs-splits. ("train" is also a class: the vehicle.)
constexpr std::span<const std::string_view> cifar_fs_split(Split split) {
  if (split == Split::train) return detail::cifar_fs_train;
  if (split == Split::validation) return detail::cifar_fs_validation;
  return detail::cifar_fs_test;
}

}  // namespace sseg
