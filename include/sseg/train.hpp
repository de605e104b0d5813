#pragma once
// Checkpoints need nlohmann/json and are included by name: train/checkpoint.hpp.
#include "sseg/train/batch_order.hpp"
#include "sseg/train/callbacks/early_stop.hpp"
#include "sseg/train/callbacks/time_budget.hpp"
#include "sseg/train/fit.hpp"
#include "sseg/train/genome.hpp"
#include "sseg/train/layout.hpp"
#include "sseg/train/path_gap.hpp"
#include "sseg/train/repel_pass.hpp"
#include "sseg/train/step.hpp"
#include "sseg/train/train_state.hpp"
