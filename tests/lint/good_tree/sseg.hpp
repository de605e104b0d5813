#pragma once
#include "sseg/core.hpp"
#include "sseg/io.hpp"
