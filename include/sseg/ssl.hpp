#pragma once
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/ssl/nt_xent.hpp"
