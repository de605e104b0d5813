#include "sseg/backend/cuda/cubin_cache.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

namespace cuda_cubin_cache_test {

using namespace sseg;
namespace fs = std::filesystem;

namespace {

/// A cache in a folder of its own, and how often something had to be compiled.
struct Bench {
  fs::path folder = fs::temp_directory_path() / ("sseg-cubin-cache-test-" + std::to_string(::getpid()));
  int compiled = 0;

  Bench() { fs::remove_all(folder); }
  ~Bench() {
    if (!folder.empty()) fs::remove_all(folder);
  }

  std::string get(const std::string& source, std::string_view compiler = "13.0", int architecture = 90) {
    return cuda::CubinCache(folder).get(source, compiler, architecture, [&] {
      ++compiled;
      return "code of " + source;
    });
  }
  fs::path only_file() const { return fs::directory_iterator(folder)->path(); }
};

}  // namespace

TEST_CASE("CUDA code is compiled once for each source, compiler and architecture") {
  Bench b;
  CHECK(b.get("a") == "code of a");
  CHECK(b.get("a") == "code of a");
  CHECK(b.compiled == 1);
  CHECK(b.get("b") == "code of b");
  b.get("a", "12.9");
  b.get("a", "13.0", 75);
  CHECK(b.compiled == 4);
  CHECK(b.only_file().filename().string().substr(0, 8) == "kernels-");
}

TEST_CASE("CUDA code that was cut off or changed on the disk is compiled anew, and replaced") {
  Bench b;
  b.get("a");
  const fs::path file = b.only_file();
  for (const char* bad : {"", "short", "another code 0123456789abcdef"}) {
    std::ofstream(file, std::ios::binary) << bad;
    const int before = b.compiled;
    CHECK(b.get("a") == "code of a");
    CHECK(b.get("a") == "code of a");
    CHECK(b.compiled == before + 1);
  }
  fs::resize_file(file, fs::file_size(file) - 1);
  CHECK(b.get("a") == "code of a");
}

TEST_CASE("CUDA code is used without a cache where none can be written") {
  Bench b;
  std::ofstream(b.folder) << "a file where the folder should be";
  CHECK(b.get("a") == "code of a");
  CHECK(b.get("a") == "code of a");
  CHECK(b.compiled == 2);
  fs::remove(b.folder);
  b.folder.clear();
  CHECK(b.get("a") == "code of a");
  CHECK(b.compiled == 3);
}

TEST_CASE("The cache of CUDA code lies where the user's caches lie") {
  const char* const was = std::getenv("XDG_CACHE_HOME");
  const std::string before = was != nullptr ? was : "";
  ::setenv("XDG_CACHE_HOME", "/somewhere/else", 1);
  CHECK(cuda::CubinCache::usual_folder() == fs::path("/somewhere/else/sseg"));
  if (was != nullptr)
    ::setenv("XDG_CACHE_HOME", before.c_str(), 1);
  else
    ::unsetenv("XDG_CACHE_HOME");
}

}  // namespace cuda_cubin_cache_test
