#pragma once
#include <boost/hana/tuple.hpp>

#include "sseg/core/shape.hpp"
