#pragma once
#include <png.h>

#include "sseg/core/shape.hpp"
