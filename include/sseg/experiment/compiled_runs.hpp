#pragma once
/// For builds of several programs or files: what is dear to compile of the main job on the CPU is declared here and not
/// compiled again in every file that uses it. Include this header in all of them (or force it, as CMake's
/// `target_precompile_headers` does), and write in exactly one file of the build
///   #include <sseg/experiment/compiled_runs.hpp>
///   namespace sseg { SSEG_COMPILED_RUNS() }
/// A program of one file needs none of this: leave the header out.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/experiment/pretrain.hpp"

// NOLINTBEGIN(bugprone-macro-parentheses): `extern` is a keyword, and stands without any.
/// The Cpu's kernels for every operation, on each instruction set.
#define SSEG_COMPILED_KERNELS(EXTERN)                                     \
  EXTERN template void Cpu::run(const Conv2dForward<float>&);             \
  EXTERN template void Cpu::run(const Conv2dBackwardData<float>&);        \
  EXTERN template void Cpu::run(const Conv2dBackwardWeights<float>&);     \
  EXTERN template void Cpu::run(const Conv2dMoments<float>&);             \
  EXTERN template void Cpu::run(const Conv2dNormReluPool<float>&);        \
  EXTERN template void Cpu::run(const NormConv2dBackwardWeights<float>&); \
  EXTERN template void Cpu::run(const Gemm<float>&);                      \
  EXTERN template void Cpu::run(const AddBias<float>&);                   \
  EXTERN template void Cpu::run(const SumRows<float>&);                   \
  EXTERN template void Cpu::run(const ColumnMoments<float>&);             \
  EXTERN template void Cpu::run(const NormFold<float>&);                  \
  EXTERN template void Cpu::run(const RunningUpdate<float>&);             \
  EXTERN template void Cpu::run(const NormReluPoolForward<float>&);       \
  EXTERN template void Cpu::run(const NormReluPoolBackward<float>&);      \
  EXTERN template void Cpu::run(const NormReluPoolBackwardData<float>&);  \
  EXTERN template void Cpu::run(const Copy<float>&);                      \
  EXTERN template void Cpu::run(const Fill<float>&);                      \
  EXTERN template void Cpu::run(const ReluForward<float>&);               \
  EXTERN template void Cpu::run(const ReluBackward<float>&);              \
  EXTERN template void Cpu::run(const Scale<float>&);                     \
  EXTERN template void Cpu::run(const Add<float>&);                       \
  EXTERN template void Cpu::run(const GlobalPoolForward<float>&);         \
  EXTERN template void Cpu::run(const GlobalPoolBackward<float>&);        \
  EXTERN template void Cpu::run(const L2NormalizeForward<float>&);        \
  EXTERN template void Cpu::run(const L2NormalizeBackward<float>&);       \
  EXTERN template void Cpu::run(const OffDiagonalCrossEntropy<float>&);   \
  EXTERN template void Cpu::run(const SoftmaxRows<float>&);               \
  EXTERN template void Cpu::run(const SoftmaxCrossEntropy<float>&);       \
  EXTERN template void Cpu::run(const GeluForward<float>&);               \
  EXTERN template void Cpu::run(const GeluBackward<float>&);              \
  EXTERN template void Cpu::run(const AdamWUpdate<float>&);               \
  EXTERN template void Cpu::run(const AdamWAverageUpdate<float>&);        \
  EXTERN template void Cpu::run(const SgdUpdate<float>&);                 \
  EXTERN template void Cpu::run(const ClipNorm<float>&);                  \
  EXTERN template void Cpu::run(const EmaUpdate<float>&);

/// Explicit instantiations, each after the word EXTERN: `extern` to declare them, nothing to make them.
#define SSEG_COMPILED_RUNS(EXTERN)                                                                             \
  SSEG_COMPILED_KERNELS(EXTERN)                                                                                \
  EXTERN template PretrainResult pretrain(Cpu&, const RunConfig&, const AnyDataset&, const RunFolder&,         \
                                          const std::atomic<bool>&, std::optional<TrainState<MainNet, float>>, \
                                          std::FILE*, int);                                                    \
  EXTERN template Checkpoint<MainNet> load_checkpoint<MainNet>(const std::filesystem::path&);                  \
  EXTERN template void save_checkpoint(const std::filesystem::path&, const TrainState<MainNet, float>&, Shape, \
                                       const Json&, const BaseStatistics&);                                    \
  EXTERN template TrainState<MainNet, float> start_training<float>(MainNet, Index, const Rng&, std::string);   \
  EXTERN template BaseStatistics base_statistics(Cpu&, const EvolvableCnn<>&, const ParamStore<float>&,        \
                                                 const AnyDataset&, const RunConfig&);                         \
  EXTERN template PictureFeatures picture_features(Cpu&, const EvolvableCnn<>&, const ParamStore<float>&,      \
                                                   const Images&, const RunConfig&, const Rng&,                \
                                                   const BaseStatistics&);                                     \
  EXTERN template Json fields_to_json(const RunConfig&);                                                       \
  EXTERN template void fields_from_json(const Json&, RunConfig&, const std::string&);                          \
  EXTERN template std::string to_yaml(const RunConfig&, std::string_view);                                     \
  EXTERN template void apply_override(RunConfig&, std::string_view);
// NOLINTEND(bugprone-macro-parentheses)

namespace sseg {
SSEG_COMPILED_RUNS(extern)
}  // namespace sseg
