#pragma once
// Images in memory, their preparation, order and loading. The readers of files are included by name, each by the name
// of what it reads: data/cifar_fs.hpp, data/mini_imagenet.hpp, data/omniglot.hpp, data/omniglot_sets.hpp,
// data/omniglot_runs.hpp, data/image_folder.hpp, data/build_picture_cache.hpp (libzip, libarchive, libpng, libjpeg),
// data/idx.hpp (libarchive), data/in_memory.hpp (xtensor); without any library data/cifar_fs_binary.hpp,
// data/mapped_images.hpp and data/describe.hpp.
#include "sseg/data/any_dataset.hpp"
#include "sseg/data/batch_loader.hpp"
#include "sseg/data/batch_order.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/center_ink.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/data/omniglot_path.hpp"
#include "sseg/data/omniglot_run.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/data/prefetcher.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/data/split.hpp"
#include "sseg/data/to_images.hpp"
