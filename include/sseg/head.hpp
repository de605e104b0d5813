#pragma once
#include "sseg/head/entry.hpp"
#include "sseg/head/heads.hpp"
#include "sseg/head/projection_head.hpp"
