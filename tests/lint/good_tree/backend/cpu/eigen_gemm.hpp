#pragma once
#include <Eigen/Core>

#include "sseg/core/shape.hpp"
