#pragma once
#include "sseg/core/shape.hpp"
