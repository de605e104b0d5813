#pragma once
/// All of the library that needs no optional package: Eigen and Boost.Hana are enough. What else there is, is included
/// by name: core/xtensor.hpp (xtensor), train/checkpoint.hpp and experiment.hpp (nlohmann/json), io/png.hpp (libpng),
/// io/zip.hpp (libzip), data/omniglot.hpp and data/omniglot_runs.hpp (both of these), dist/mpi.hpp (MPI), dist/nccl.hpp
/// (CUDA and NCCL).
#include "sseg/augment.hpp"
#include "sseg/backend.hpp"
#include "sseg/concepts.hpp"
#include "sseg/core.hpp"
#include "sseg/curriculum.hpp"
#include "sseg/data.hpp"
#include "sseg/dist.hpp"
#include "sseg/evolve.hpp"
#include "sseg/fewshot.hpp"
#include "sseg/head.hpp"
#include "sseg/io.hpp"
#include "sseg/layer.hpp"
#include "sseg/meta.hpp"
#include "sseg/nase.hpp"
#include "sseg/net.hpp"
#include "sseg/optim.hpp"
#include "sseg/report.hpp"
#include "sseg/ssl.hpp"
#include "sseg/train.hpp"
