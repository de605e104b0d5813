#pragma once
#include "sseg/augment/brightness.hpp"
#include "sseg/augment/erase.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/pipeline.hpp"
#include "sseg/augment/two_views.hpp"
#include "sseg/augment/warp.hpp"
