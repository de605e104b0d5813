#pragma once
// Images in memory, their preparation, and CIFAR-FS, without any outside library. The Omniglot loaders need libpng and
// libzip and are included by name: data/omniglot.hpp, data/omniglot_runs.hpp (and data/file_tree.hpp, which needs
// libzip).
#include "sseg/data/byte_images.hpp"
#include "sseg/data/center_ink.hpp"
#include "sseg/data/cifar100_file.hpp"
#include "sseg/data/cifar_fs.hpp"
#include "sseg/data/cifar_fs_split.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/data/omniglot_path.hpp"
#include "sseg/data/omniglot_run.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/data/resize.hpp"
#include "sseg/data/split.hpp"
