#pragma once
// Needs nlohmann/json.
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/path_report.hpp"
#include "sseg/experiment/path_study.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/experiment/run_folder.hpp"
