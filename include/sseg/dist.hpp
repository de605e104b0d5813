#pragma once
#include "sseg/dist/across.hpp"
#include "sseg/dist/alone.hpp"
#include "sseg/dist/gather_texts.hpp"
