// What is in a data set on disk: images, shape, classes and how many images each has. Reads all of it on the way, so
// what is damaged or not whole is told too.
//   describe_data images_background.zip
//   describe_data omniglot_folder --split minimal1            or background, evaluation, minimal2
//   describe_data omniglot_folder --split train               of the Vinyals split
//   describe_data cifar-100-python --split test               any form of CIFAR-FS or mini-ImageNet
//   describe_data /usr/share/datasets/fashion-mnist           as MNIST is passed on
//   describe_data photographs                                 a folder for each class
//   describe_data mini_folder --split validation --per_class 0
//   describe_data photographs --read all      reads every picture of a folder for itself and names those that it cannot

// test: ${data}/omniglot/images_background_small1.zip
// test: ${data}/omniglot --split minimal2
// test: ${data}/cifar-100-binary.tar.xz --split validation
// test: ../generate_curriculum_1/pictures --source folder --split level_3 --read all
// test: --help
#include <sseg/data/cifar_fs.hpp>
#include <sseg/data/describe.hpp>
#include <sseg/data/idx.hpp>
#include <sseg/data/image_folder.hpp>
#include <sseg/data/mini_imagenet.hpp>
#include <sseg/data/omniglot_sets.hpp>
#include <sseg/data/picture_files.hpp>
#include <sseg/data/read_all.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "support/command_line.hpp"

using namespace sseg;

namespace {

constexpr std::array splits{Split::train, Split::validation, Split::test};

/// The source that the name of the path or of its files speaks of, or "".
std::string guessed_source(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  const auto named = [&](const char* part) { return name.find(part) != name.npos; };
  if (named("cifar") || named("CIFAR")) return "cifar_fs";
  if (named("mini")) return "mini_imagenet";
  if (named("mnist") || named("MNIST")) return "idx";
  const FileTree tree(path);  // costs time where a large archive has to be unpacked
  const auto any = [&](const auto& says_so) { return std::any_of(tree.paths().begin(), tree.paths().end(), says_so); };
  const auto lists = [&](const std::string& part) {
    return any([&](const std::string& p) { return p.find(part) != p.npos; });
  };
  const auto has_class = [&](const auto& split_of) {  // a folder of the first class of a split
    return std::any_of(splits.begin(), splits.end(), [&](Split s) { return lists(std::string(split_of(s)[0]) + "/"); });
  };
  if (any([](const std::string& p) { return detail::parse_omniglot_path(p).has_value(); }) ||
      lists("images_background"))
    return "omniglot";
  if (lists("train.bin") || lists("CIFAR_FS_") || detail::find_file(tree, "meta") >= 0 || has_class(cifar_fs_split))
    return "cifar_fs";
  if (lists("mini") || lists(".csv") || has_class(mini_imagenet_split)) return "mini_imagenet";
  if (lists("-ubyte")) return "idx";
  return any([](const std::string& p) { return detail::is_picture_path(p); }) ? "folder" : "";
}

std::string omniglot(const std::string& path, const std::string& split) {
  if (split.empty()) return describe(load_omniglot(path));
  for (const Split s : splits)
    if (split == to_string(s)) return describe(load_omniglot_vinyals(path, s));
  return describe(load_omniglot(path, omniglot_set_named(split, "--split")));
}

/// Pictures in folders of classes; --split names a folder to look below. Their sizes may differ: 84 x 84 of each.
ImageFolderOptions folder_options(const std::string& within) {
  return {.height = 84, .width = 84, .channels = 3, .within = within};
}

/// Reads the pictures of a folder ahead on several threads, as training does: 0, or 1 when some cannot be read.
int read_folder(const std::string& path, const std::string& within, int threads) {
  const PictureFiles files(path, folder_options(within));
  const ReadReport report = read_all(files, threads > 0 ? threads : Threads().count());
  std::printf("%s\n  images    %td read, %td not, %.0f a second\n%s", std::string(files.spec().name).c_str(),
              report.pictures(), report.failures.size(), report.per_second(),
              detail::described("classes", files.classes(), report.label).c_str());
  for (const std::string& failure : report.failures) std::printf("%s\n", failure.c_str());
  return report.failures.empty() ? 0 : 1;
}

int describe_data(const CommandLine& args) {
  require(args.overrides.size() == 1, "one path is needed", "command line", "name a folder or an archive");
  const std::string& path = args.overrides.front();
  const std::string source = args["--source"].empty() ? guessed_source(path) : args["--source"];
  const auto split = [&] { return args["--split"].empty() ? Split::train : split_named(args["--split"], "--split"); };
  require(args["--read"].empty() || (args["--read"] == "all" && source == "folder"), "there is nothing to read so",
          "--read", "give all, for a folder of pictures: the other forms are read whole anyway");
  if (!args["--read"].empty()) return read_folder(path, args["--split"], args.threads());
  std::string text;
  if (source == "omniglot")
    text = omniglot(path, args["--split"]);
  else if (source == "cifar_fs")
    text = describe(load_cifar_fs(path, split()));
  else if (source == "mini_imagenet")
    text = describe(load_mini_imagenet(
        path, split(), {.per_class = args.number<Index>("--per_class", 0, 100'000, "give 0 (any) or a number")}));
  else if (source == "idx")
    text = describe(load_idx_folder(path, split()));
  else if (source == "folder")
    text = describe(load_image_folder(path, folder_options(args["--split"])).images);
  else
    throw Error(source.empty() ? "no data set is known by these file names" : "there is no source '" + source + "'",
                source.empty() ? path : "--source", "give --source omniglot, cifar_fs, mini_imagenet, idx or folder");
  return std::printf("%s", text.c_str()), 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "describe_data",
       .summary = "what is in a data set on disk",
       .flags = {{"--source", "omniglot, cifar_fs, mini_imagenet, idx or folder (default: by the names)", ""},
                 {"--split", "train (default), validation or test; of Omniglot also its sets", ""},
                 {"--per_class", "images a class of mini-ImageNet must have, 0: any", "600"},
                 {"--read", "all: go on where a folder's picture cannot be read, and name it", ""},
                 {"--threads", "of --read; 0: all cores", "0"}},
       .operands = "PATH"},
      describe_data);
}
