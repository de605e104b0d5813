#pragma once
#include "sseg/curriculum/shape_kinds.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
