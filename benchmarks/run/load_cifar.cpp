/// Loading CIFAR-FS from CIFAR-100's binary version on one thread: the train and validation splits, 48,000 pictures of
/// 32 x 32 x 3 bytes, out of files of that size made here (in memory once read: the disk is not measured).
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "sseg/core/rng.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/cifar_fs_binary.hpp"

namespace {

using namespace sseg;

/// A folder with the classes of the train and validation splits, removed at the end.
class Cifar {
 public:
  Cifar() {
    std::string name = (std::filesystem::temp_directory_path() / "sseg-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("cannot make a folder", name, "Check TMPDIR.");
    folder_ = name;
    std::ofstream names(folder_ / "fine_label_names.txt");
    for (const Split split : {Split::train, Split::validation, Split::test})
      for (const std::string_view one : cifar_fs_split(split)) names << one << '\n';
    write("train.bin", 500);
    write("test.bin", 100);
  }
  Cifar(const Cifar&) = delete;
  Cifar& operator=(const Cifar&) = delete;
  ~Cifar() { std::filesystem::remove_all(folder_); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  void write(const char* name, Index per_class) const {
    constexpr Index classes = 80;
    std::ofstream file(folder_ / name, std::ios::binary);
    std::string record(to_size(Cifar100File::record_bytes), '\0');
    Rng rng(1);
    for (char& c : record) c = static_cast<char>(rng.below(256));
    record[0] = 0;
    for (Index i = 0; i < per_class * classes; ++i) {
      record[1] = static_cast<char>(i % classes);
      file << record;
    }
  }

  std::filesystem::path folder_;
};

void load(benchmark::State& state) {
  const Cifar cifar;
  Index pictures = 0;
  for (auto _ : state) {
    pictures = load_cifar_fs_binary(cifar.folder(), Split::train).size() +
               load_cifar_fs_binary(cifar.folder(), Split::validation).size();
    benchmark::DoNotOptimize(pictures);
  }
  state.counters["pictures"] = static_cast<double>(pictures);
}
BENCHMARK(load)->Name("load CIFAR-FS, binary version")->Unit(benchmark::kMillisecond);

/// The same pictures as floats, as a net reads them.
void to_floats(benchmark::State& state) {
  const Cifar cifar;
  const ByteImages train = load_cifar_fs_binary(cifar.folder(), Split::train);
  for (auto _ : state) benchmark::DoNotOptimize(to_float(train).pixels.data());
}
BENCHMARK(to_floats)->Name("38,400 pictures to floats")->Unit(benchmark::kMillisecond);

}  // namespace
