#pragma once
#include "sseg/core/nowhere.hpp"
