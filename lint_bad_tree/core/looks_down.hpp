#pragma once
#include "sseg/layer/relu.hpp"
