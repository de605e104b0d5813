#pragma once
#include "sseg/core/no_door.hpp"
