#pragma once
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/any_optimizer.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/optim/sgd.hpp"
#include "sseg/optim/weight_average.hpp"
