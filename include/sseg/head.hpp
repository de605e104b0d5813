#pragma once
#include "sseg/head/projection_head.hpp"
