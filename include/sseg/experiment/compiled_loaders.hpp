#pragma once
/// For builds of several programs or files, as compiled_runs.hpp: the loaders of every data set, which are dear to
/// compile, are declared here and not compiled again in every file that reads pictures. Include this header in all of
/// them, and write in exactly one file of the build
///   #include <sseg/experiment/compiled_loaders.hpp>
///   namespace sseg { SSEG_COMPILED_LOADERS() }
#include <filesystem>

#include "sseg/experiment/load_images.hpp"

// NOLINTBEGIN(bugprone-macro-parentheses): `extern` is a keyword, and stands without any.
/// Explicit instantiations, each after the word EXTERN: `extern` to declare them, nothing to make them.
#define SSEG_COMPILED_LOADERS(EXTERN)                                                                                  \
  EXTERN template AnyDataset training_data<>(const RunConfig&);                                                        \
  EXTERN template LabelledImages held_back_images<>(const RunConfig&, const AnyDataset&, const std::filesystem::path&, \
                                                    Split);
// NOLINTEND(bugprone-macro-parentheses)

namespace sseg {
SSEG_COMPILED_LOADERS(extern)
}  // namespace sseg
