#pragma once
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/core/progress.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
