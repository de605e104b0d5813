#pragma once
#include "sseg/dist/across.hpp"
#include "sseg/dist/alone.hpp"
