#pragma once
#include "sseg/io/png.hpp"
