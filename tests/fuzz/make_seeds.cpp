// make_seeds FOLDER: writes a few small valid files for every fuzz target, one folder each.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sseg/data/mini_imagenet_split.hpp"
#include "sseg/data/picture_cache_writer.hpp"
#include "sseg/io/png.hpp"
#include "sseg/io/pnm.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensors.hpp"
#include "support/encode_jpeg.hpp"
#include "support/make_tar.hpp"
#include "unit/data/cifar_maker.hpp"
#include "unit/io/make_zip.hpp"
#include "unit/io/pickle_maker.hpp"
#include "unit/io/real_pickles.hpp"

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

/// Lists, dicts and small numpy arrays in the opcodes of every protocol.
void write_pickles(const auto& seed) {
  using namespace sseg_test;
  seed("pickle", "list", "(lp0\nI1\naS'a'\na.");
  for (const RealPickle& real : real_pickles) seed("pickle", std::string(real.by), from_hex(real.hex));
  seed("pickle", "array2", py_pickle(py_array({2, 3}, "abcdef")));
  seed("pickle", "array3", py_pickle(py_array_of({2}, py_encoded("\xff\x01\x02\x03"), "i2")));
  // Protocol 4, numpy 2's way of an array that lies in Fortran's order, with memoized names.
  const auto text = [](const std::string& t) { return "\x8c" + std::string(1, static_cast<char>(t.size())) + t; };
  const auto global = [&](const char* module, const char* name) {
    return text(module) + "\x94" + text(name) + "\x94\x93\x94";
  };
  const std::string type = global("numpy", "dtype") + text("u1") + "\x94\x89\x88\x87R\x94(K\x03" + text("|") + "NNN" +
                           py_int(-1) + py_int(-1) + std::string("K\0tb", 4);
  const std::string body = "}" + text("data") + global("numpy._core.numeric", "_frombuffer") + "(\x96" +
                           std::string("\x04\0\0\0\0\0\0\0wxyz\x94", 13) + type + "K\x02K\x02\x86\x94" + text("F") +
                           "tR\x94s.";
  const std::string frame = std::string(1, static_cast<char>(body.size())) + std::string(7, '\0');
  seed("pickle", "array4", "\x80\x04\x95" + frame + body);

  const std::string four(4 * 12, '\x33');
  const auto classes = [&](const auto& value_of) {
    std::vector<std::pair<std::string, std::string>> all;
    for (const std::string_view name : sseg::mini_imagenet_split(sseg::Split::validation).first(4))
      all.emplace_back(py_str(std::string(name)), value_of(static_cast<sseg::Index>(all.size())));
    return py_dict(all);
  };
  seed("data_pickles", "cache",
       py_pickle(py_dict({{py_str("image_data"), py_array({4, 2, 2, 3}, four)},
                          {py_str("class_dict"), classes([](sseg::Index k) { return py_ints({k}); })}})));
  seed("data_pickles", "category_split",
       py_pickle(py_dict(
           {{py_str("data"), py_array({4, 2, 2, 3}, four)},
            {py_str("labels"), py_ints({0, 1, 2, 3})},
            {py_str("catname2label"), classes([](sseg::Index k) { return py_int(static_cast<std::int32_t>(k)); })}})));
  std::vector<std::string> names;
  for (const std::string& name : cifar_names()) names.push_back(py_str(name));
  seed("data_pickles", "python",
       py_pickle(py_dict({{py_str("fine_label_names"), py_list(names)},
                          {py_str("fine_labels"), py_ints({7})},
                          {py_str("data"), py_array({1, 3072}, std::string(3072, 'x'))}})));
}

/// The texts of the golden checkpoint, as checkpoint_fuzz takes them.
void write_checkpoints(const auto& seed) {
  const auto file = sseg::SafeTensors::load(fs::path(__FILE__).parent_path() / "../golden/checkpoint-2.safetensors");
  std::string texts;
  for (const char* name : {"genome", "train", "config"}) texts += file.metadata.at(name) + '\0';
  for (const char change : {'\0', '\1', '\2', '\3', '\4'})
    seed("checkpoint", "change" + std::to_string(change), std::string("\x02") + change + '\x7f' + texts);
  seed("checkpoint", "unaltered", std::string(3, '\0'));
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
  seed("table_json", "table",
       R"({"name":"t","caption":"a_b","columns":[{"heading":"net","unit":""},{"heading":"1-shot","unit":"%"}],)"
       R"("rows":[["x|y",{"value":43.5,"half_width":0.8,"decimals":1,"strong":true}],[null,null]],"notes":["é"]})");
  seed("yaml", "block", "---\nkind: 'linear' # shape\nrise: .5\nfirst_level: 1\n");
  seed("yaml", "flow", R"({"kind": "st\u0065p", min_gain: -.inf, earlier: ~,})");
  {
    fs::create_directories(root / "picture_cache");
    const std::vector<std::uint8_t> four(4);
    sseg::PictureCacheWriter writer(root / "picture_cache" / "one", {2, 2, 1}, "set", {"a", "b"});
    writer.add({four.data(), {2, 2, 1}}, 1);
    writer.finish();
  }
  write_pickles(seed);
  write_checkpoints(seed);
  return 0;
}
