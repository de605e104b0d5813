#pragma once
#include "sseg/core.hpp"
