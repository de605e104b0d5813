#pragma once
#include "sseg/dist/across.hpp"
#include "sseg/dist/alone.hpp"
#include "sseg/dist/card_of_rank.hpp"
#include "sseg/dist/gather_texts.hpp"
#include "sseg/dist/gradient_sum.hpp"
#include "sseg/dist/share_of_ranks.hpp"
#include "sseg/dist/tensor_ranks.hpp"
