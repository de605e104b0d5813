#include <cstddef>
#include <cstdint>

#include "fuzz/memory_file.hpp"
#include "sseg/core/error.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/io/zip.hpp"

/// Any file is a zip that can be read to its end and listed as a tree, or an `Error`.
// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    const sseg::FileTree tree(file.path(), 1 << 22);
    for (sseg::Index i = 0; i < tree.size(); ++i) tree.read(i, 1 << 20);
  } catch (const sseg::Error&) {
  }
  try {
    const sseg::ZipArchive archive(file.path());
    for (sseg::Index i = 0; i < archive.size(); ++i) archive.read(i, 1 << 20);
  } catch (const sseg::Error&) {
  }
  return 0;
}
