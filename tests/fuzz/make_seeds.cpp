// make_seeds FOLDER: writes a few small valid files for every fuzz target, one folder each.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sseg/data/picture_cache_writer.hpp"
#include "sseg/io/png.hpp"
#include "sseg/io/pnm.hpp"
#include "sseg/io/read_file.hpp"
#include "support/encode_jpeg.hpp"
#include "support/make_tar.hpp"
#include "unit/data/cifar_maker.hpp"
#include "unit/io/make_zip.hpp"

namespace {

namespace fs = std::filesystem;

sseg::Picture picture(sseg::Index channels) {
  sseg::Picture p{9, 11, channels, {}};
  for (sseg::Index i = 0; i < 9 * 11 * channels; ++i) p.bytes.push_back(static_cast<std::uint8_t>(7 * i));
  return p;
}

void write_pictures(const auto& seed) {
  for (const sseg::Index channels : {1, 3}) {
    const std::string name = std::to_string(channels);
    seed("png", name, sseg::encode_png(picture(channels)));
    seed("pnm", name, sseg::encode_pnm(picture(channels)));
    for (const bool progressive : {false, true})
      seed("jpeg", name + (progressive ? "p" : "b"), sseg_test::encode_jpeg(picture(channels), {70, progressive}));
  }
  seed("jpeg", "inks", sseg_test::encode_jpeg(picture(4)));
  seed("pnm", "p1", "P1 # ink\n3 2 101010");
  seed("pnm", "p2", "P2 3 1 9\n1 2 3");
  seed("pnm", "p3", "P3 1 1 9\n1 2 3");
  seed("pnm", "p4", "P4 9 1\nab");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::puts("usage: make_seeds FOLDER"), 1;
  const fs::path root = argv[1];
  const auto seed = [&](const std::string& target, const std::string& name, const std::string& bytes) {
    fs::create_directories(root / target);
    std::ofstream(root / target / name, std::ios::binary) << bytes;
  };
  write_pictures(seed);
  using sseg_test::Packing;
  for (const Packing packing : {Packing::none, Packing::gzip, Packing::bzip2, Packing::xz}) {
    const std::string tar = sseg_test::make_tar({{"d/"}, {"d/x", "some text"}, {"l", "", "x"}}, packing);
    seed("archive", "tar" + std::to_string(static_cast<int>(packing)), tar);
    seed("zip", "tar" + std::to_string(static_cast<int>(packing)), tar);
  }
  sseg_test::make_zip(root / "zip" / "a.zip", {{"d/", ""}, {"d/x", std::string(99, 'x')}, {"y", "text"}});
  const std::string labels("\0\0\x08\x01\0\0\0\x02\x01\x03", 10);
  seed("idx", "two", "\x0a" + labels + std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02wxyz", 20));
  seed("cifar100", "one", sseg_test::cifar_record(5, 1));
  seed("omniglot_path", "path", "images_background/Greek/character01/0394_01.png");
  seed("csv", "table", "filename,label\na.jpg,n01532829\n\"b,c\",n2\n");
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  seed("safetensors", "one", std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header + "1234");
  seed("json_config", "optimizer", R"({"rate": 0.001, "beta1": 0.9, "decay": 1e-4})");
  seed("yaml", "block", "---\nkind: 'linear' # shape\nrise: .5\nfirst_level: 1\n");
  seed("yaml", "flow", R"({"kind": "st\u0065p", min_gain: -.inf, earlier: ~,})");
  {
    fs::create_directories(root / "picture_cache");
    const std::vector<std::uint8_t> four(4);
    sseg::PictureCacheWriter writer(root / "picture_cache" / "one", {2, 2, 1}, "set", {"a", "b"});
    writer.add({four.data(), {2, 2, 1}}, 1);
    writer.finish();
  }
  seed("pickle", "list", "(lp0\nI1\naS'a'\na.");
  return 0;
}
