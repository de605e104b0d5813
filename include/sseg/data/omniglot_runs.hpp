#pragma once
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/file_tree.hpp"
#include "sseg/data/images.hpp"
#include "sseg/data/omniglot_drawing.hpp"
#include "sseg/data/omniglot_options.hpp"
#include "sseg/data/omniglot_path.hpp"
#include "sseg/data/omniglot_run.hpp"

namespace sseg {

namespace detail {

inline constexpr std::size_t omniglot_way = 20;

/// The files of one run, as indices in the tree; -1: missing.
struct OmniglotRunFiles {
  std::vector<Index> training, test;
  Index labels = -1;
};

/// The runs of a tree by folder: "…/run01" with training/*.png, test/*.png and class_labels.txt.
inline std::map<std::string, OmniglotRunFiles> list_omniglot_runs(const FileTree& tree) {
  std::map<std::string, OmniglotRunFiles> runs;
  for (Index i = 0; i < tree.size(); ++i) {
    std::string_view rest = tree.paths()[to_size(i)];
    const auto file = take_last(rest);
    if (file == "class_labels.txt") {
      runs[std::string(rest)].labels = i;
    } else if (is_png(file)) {
      const auto folder = take_last(rest);
      if (folder == "training") runs[std::string(rest)].training.push_back(i);
      if (folder == "test") runs[std::string(rest)].test.push_back(i);
    }
  }
  return runs;
}

inline Images load_omniglot_run_images(const FileTree& tree, const std::vector<Index>& files, const std::string& name,
                                       const OmniglotOptions& options) {
  Images images;
  images.name = name;
  images.shape = omniglot_shape(options, static_cast<Index>(files.size()), tree.root().string());
  images.pixels.resize(static_cast<Index>(files.size()) * images.shape.count());
  for (std::size_t i = 0; i < files.size(); ++i)
    read_omniglot_drawing(tree.read(files[i], omniglot_max_file_bytes), tree.where(tree.paths()[to_size(files[i])]),
                          options, images.image(static_cast<Index>(i)));
  return images;
}

/// Position in `files` of the file that a row of class_labels.txt names. Only "folder/file.png" counts, and the run
/// when the row names it: distributions differ in what precedes them.
inline Index find_omniglot_row(const FileTree& tree, const std::vector<Index>& files, std::string named,
                               std::string_view folder, std::string_view run, const std::string& where) {
  std::replace(named.begin(), named.end(), '\\', '/');
  std::string_view rest = named;
  const auto file = take_last(rest), parent = take_last(rest), grandparent = take_last(rest);
  const bool other_run = !grandparent.empty() && grandparent != "." && grandparent != run;
  for (std::size_t i = 0; i < files.size() && parent == folder && !other_run; ++i) {
    std::string_view path = tree.paths()[to_size(files[i])];
    if (take_last(path) == file) return static_cast<Index>(i);
  }
  throw Error("the row names no " + std::string(folder) + " image of this run: '" + named.substr(0, 200) + "'", where,
              "Unpack the official archive again.");
}

/// truth[i]: which training image test image i shows, from rows "run01/test/item01.png run01/training/class08.png".
inline std::vector<Index> read_omniglot_truth(const FileTree& tree, const OmniglotRunFiles& files,
                                              std::string_view run) {
  const std::string where = tree.where(tree.paths()[to_size(files.labels)]);
  std::istringstream text(tree.read(files.labels, Index{1} << 16));
  std::vector<Index> truth(omniglot_way, -1);
  std::vector<bool> used(omniglot_way, false);
  std::size_t rows = 0;
  for (std::string line, test, training, extra; std::getline(text, line);) {
    std::istringstream words(line);
    if (!(words >> test)) continue;
    const std::string row = where + ", row " + std::to_string(++rows);
    if (!(words >> training) || (words >> extra))
      throw Error("a row is 'test image, training image'", row, "Unpack the official archive again.");
    const auto i = to_size(find_omniglot_row(tree, files.test, test, "test", run, row));
    const auto k = to_size(find_omniglot_row(tree, files.training, training, "training", run, row));
    if (truth[i] != -1 || used[k])
      throw Error("an image occurs in two rows", row, "Unpack the official archive again.");
    truth[i] = static_cast<Index>(k);
    used[k] = true;
  }
  if (rows != omniglot_way)
    throw Error("class_labels.txt has 20 rows, this one " + std::to_string(rows), where, "Unpack the archive again.");
  return truth;
}

}  // namespace detail

/// Loads the runs of the Omniglot one-shot classification task (Lake et al. 2015): a zip (all_runs.zip) or the folder
/// it unpacks to, with any number of runs, in the order of their names. Ink is 1, paper 0, prepared as `load_omniglot`
/// does. Throws `Error`: no runs, a run without its 20 + 20 drawings of 105 x 105, or a class_labels.txt that is not a
/// one-to-one assignment of them.
inline std::vector<OmniglotRun> load_omniglot_runs(const std::filesystem::path& path,
                                                   const OmniglotOptions& options = {}) {
  const FileTree tree(path);
  std::vector<OmniglotRun> runs;
  std::string_view set;
  for (const auto& [folder, files] : detail::list_omniglot_runs(tree)) {
    const std::string where = tree.where(folder);
    if (files.training.size() != detail::omniglot_way || files.test.size() != detail::omniglot_way)
      throw Error("a run has 20 training and 20 test images, this one " + std::to_string(files.training.size()) +
                      " and " + std::to_string(files.test.size()),
                  where, "Unpack the official archive again.");
    if (files.labels < 0) throw Error("the run has no class_labels.txt", where, "Unpack the official archive again.");
    std::string_view rest = folder;
    OmniglotRun run;
    run.name = folder.empty() ? tree.root().stem().string() : std::string(detail::take_last(rest));
    if (std::exchange(set, rest) != rest && !runs.empty())
      throw Error("two sets of runs in one place", where, "Name the folder of one set.");
    run.training = detail::load_omniglot_run_images(tree, files.training, run.name + "/training", options);
    run.test = detail::load_omniglot_run_images(tree, files.test, run.name + "/test", options);
    for (const Index i : files.training) {
      std::string_view file = tree.paths()[to_size(i)];
      run.training.classes.emplace_back(detail::take_last(file));
      run.training.classes.back().resize(run.training.classes.back().size() - 4);
      run.training.label.push_back(static_cast<Index>(run.training.label.size()));
    }
    run.test.classes = run.training.classes;
    run.test.label = detail::read_omniglot_truth(tree, files, run.name);
    runs.push_back(std::move(run));
  }
  if (runs.empty())
    throw Error("no one-shot runs: expected runNN/training, runNN/test and runNN/class_labels.txt",
                tree.root().string(), "Name all_runs.zip or the folder it unpacks to.");
  return runs;
}

}  // namespace sseg
