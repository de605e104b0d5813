#pragma once
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
