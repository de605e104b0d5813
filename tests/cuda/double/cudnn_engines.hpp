#pragma once
#include <vector>

#include "cuda/double/cudnn_descriptor.hpp"

/// The engines that the double offers for every graph, in the order of its heuristics.
namespace cuda_double {

constexpr int engine_with_tensor_cores = 0;  ///< rounds float to TF32, as its notes say
constexpr int engine_in_any_order = 1;       ///< is noted as nondeterministic
constexpr int engine_without_plan = 2;       ///< its plan cannot be finalized
constexpr int engine_exact = 3;
constexpr int engine_count = 4;

bool rounds_to_tf32(const EngineChoice& engine);
std::vector<cudnnBackendNumericalNote_t> notes_of(const EngineChoice& engine);

}  // namespace cuda_double
