#pragma once
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/cpu/eigen_gemm.hpp"
#include "sseg/backend/cpu/eigenvalues.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/backend/prefer.hpp"
#include "sseg/backend/reference.hpp"
