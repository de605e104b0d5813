#pragma once
#include "sseg/head/dino_head.hpp"
#include "sseg/head/entry.hpp"
#include "sseg/head/heads.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/head/sizes.hpp"
