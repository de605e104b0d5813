#pragma once
#include "sseg/sseg.hpp"
