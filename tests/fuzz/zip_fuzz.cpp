#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/io/zip.hpp"

namespace {

/// A file in memory with a path.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : descriptor_(::memfd_create("fuzz", 0)) {
    if (descriptor_ < 0 || ::write(descriptor_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(descriptor_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

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
