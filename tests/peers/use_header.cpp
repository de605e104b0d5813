// use_header IMAGES FEATURES: embeds pictures by a generated header alone, from two threads, and compares with what the
// library's Embedder made of the checkpoint: every bit.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "grown_net.hpp"

int features();  // of the other file

namespace {

std::vector<float> floats(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

}  // namespace

int main(int, char** argv) {
  constexpr std::size_t pixels = grown_net::height * grown_net::width * grown_net::channels;
  constexpr auto dim = static_cast<std::size_t>(grown_net::feature_count);
  const std::vector<float> images = floats(argv[1]), expected = floats(argv[2]);
  const std::size_t count = images.size() / pixels;
  if (count < 2 || expected.size() != count * dim || features() != grown_net::feature_count) return 2;
  std::vector<float> made(expected.size());
  const auto half = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) grown_net::embed(images.data() + i * pixels, made.data() + i * dim);
  };
  std::thread first(half, 0, count / 2);
  half(count / 2, count);
  first.join();
  if (std::memcmp(made.data(), expected.data(), made.size() * sizeof(float)) != 0) {
    for (std::size_t i = 0; i < made.size(); ++i)
      if (made[i] != expected[i]) return std::printf("feature %zu: %a instead of %a\n", i, made[i], expected[i]), 1;
  }
  std::printf("%zu pictures, %zu features each: the same bits\n", count, dim);
  return 0;
}
