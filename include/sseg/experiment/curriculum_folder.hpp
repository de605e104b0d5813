#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/curriculum/synthetic_curriculum.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/experiment/scene_record.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/csv_table.hpp"
#include "sseg/io/png.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/meta/field_text.hpp"
#include "sseg/report/csv.hpp"

namespace sseg {

namespace detail {

/// The first `columns` pictures of each level side by side, a level a line.
class ContactSheet {
 public:
  ContactSheet(const SyntheticGenerator& g, Index columns)
      : columns_(columns),
        line_(g.side * g.channels),
        sheet_{LevelMix::levels * g.side, columns * g.side, g.channels, {}} {
    sheet_.bytes.resize(to_size(LevelMix::levels * g.side * columns * line_));
  }
  /// Picture k of a level; those beyond the last column are left out.
  void add(Index level, Index k, View<const float> picture) {
    if (k >= columns_) return;
    const Index side = picture.shape[0];
    for (Index y = 0; y < side; ++y)
      std::transform(picture.data + y * line_, picture.data + (y + 1) * line_,
                     sheet_.bytes.data() + (((level - 1) * side + y) * columns_ + k) * line_, to_byte);
  }
  const Picture& picture() const { return sheet_; }

 private:
  Index columns_, line_;
  Picture sheet_;
};

inline std::string scene_file(Index level, const std::string& class_name, Index i) {
  char name[32];
  std::snprintf(name, sizeof name, "%06td.png", i);
  return "level_" + std::to_string(level) + "/" + class_name + "/" + name;
}

/// "a/b" for "a/b/".
inline std::filesystem::path without_slash(const std::filesystem::path& folder) {
  std::filesystem::path normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

/// A new file in a folder that has not got its name yet: no need to bring each to the disk by itself.
inline void write_new_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw Error("cannot write the picture", path.string(), "Free disk space, or choose another folder.");
}

/// The folders of one level's classes.
inline void make_class_folders(const SyntheticGenerator& g, const std::vector<std::string>& classes,
                               const std::filesystem::path& folder) {
  for (Index i = 0; i < std::min<Index>(g.count, std::max(g.shapes, g.textures)); ++i) {
    const auto file = folder / scene_file(g.level, classes[to_size(g.label(i))], i);
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    if (failed)
      throw Error("cannot make the folder: " + failed.message(), file.parent_path().string(),
                  "Check its rights and its disk.");
  }
}

/// Writes picture i of one level below `folder`, and returns its line.
inline SceneRecord write_scene(const SyntheticGenerator& g, const std::vector<std::string>& classes, Index i,
                               View<const float> values, const SceneAttack& attack,
                               const std::filesystem::path& folder) {
  Picture picture{values.shape[0], values.shape[1], values.shape[2], {}};
  picture.bytes.resize(to_size(values.shape.count()));
  std::transform(values.data, values.data + values.shape.count(), picture.bytes.begin(), to_byte);
  const std::string& name = classes[to_size(g.label(i))];
  const std::string file = scene_file(g.level, name, i);
  write_new_file(folder / file, encode_png(picture));
  return scene_record(g.factors(i), file, name, values, attack);
}

/// Has the folder a manifest as `write_curriculum` writes it?
inline bool has_scenes(const std::filesystem::path& folder) {
  const std::filesystem::path manifest = folder / "manifest.csv";
  std::error_code failed;
  return std::filesystem::exists(manifest, failed) &&
         read_file(manifest, Index{1} << 31).starts_with("file,level,label,class_name,ground_texture,");
}

/// Is it what `write_curriculum` leaves when it is stopped before the first lines of its manifest are on the disk?
inline bool barely_begun(const std::filesystem::path& folder) {
  std::error_code failed;
  const std::filesystem::path manifest = folder / "manifest.csv";
  if (!std::filesystem::exists(manifest, failed)) return std::filesystem::is_empty(folder, failed) && !failed;
  const std::filesystem::directory_iterator entries(folder, failed), end;
  return !failed && std::all_of(entries, end, [&](const std::filesystem::directory_entry& e) {
    std::error_code unknown;
    const bool level = e.path().filename().string().starts_with("level_");
    return level || (e.path() == manifest && e.file_size(unknown) == 0);
  });
}

/// One value of a manifest. Throws: Error naming its place.
inline Index manifest_number(const CsvTable& table, Index row, Index column, Index end, const std::string& where) {
  const auto value = from_text_value<Index>(table.cell(row, column));
  if (!value || *value < 0 || *value >= end)
    throw Error("'" + table.cell(row, column) + "' is no " + table.columns()[to_size(column)],
                where + ": picture " + std::to_string(row + 1), "Generate the curriculum again.");
  return *value;
}

/// The path of a picture below its folder. Throws: Error when it leads out of it.
inline std::filesystem::path inside(const std::filesystem::path& folder, const std::string& file,
                                    const std::string& where) {
  const std::filesystem::path relative(file);
  const bool leads_out = relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end();
  if (file.empty() || leads_out)
    throw Error("the manifest names the file '" + file + "' outside its folder", where,
                "Generate the curriculum again.");
  return folder / relative;
}

}  // namespace detail

/// Changes the pictures (N, H, W, C) of level 4, the first of which is picture `first`, before they are written, and
/// says of each what was done. Its results must not depend on N.
using SceneChange = std::function<std::vector<SceneAttack>(Index first, View<float> pictures)>;

/// Pictures of a level that are written to one folder at most.
inline constexpr Index max_a_level = 1'000'000;

/// Removes a folder that `write_curriculum` wrote, or began to write; nothing where there is none. Throws: Error for a
/// folder that it did not write, or that cannot be removed.
inline void remove_curriculum(const std::filesystem::path& wanted) {
  const std::filesystem::path folder = detail::without_slash(wanted), part = folder.string() + ".part";
  std::error_code failed;
  std::vector<std::filesystem::path> ours;
  for (const auto& one : {folder, part}) {
    if (!std::filesystem::exists(one, failed)) continue;
    if (!detail::has_scenes(one) && !(one == part && detail::barely_begun(one)))
      throw Error("this is no folder of a curriculum", one.string(), "Remove it yourself, or name another.");
    ours.push_back(one);
  }
  for (const auto& one : ours) {  // once both are known to be
    std::filesystem::remove_all(one, failed);
    if (failed) throw Error("cannot remove the folder: " + failed.message(), one.string(), "Check its rights.");
  }
}

/// Writes a curriculum as a folder of PNG files for other programs to read and people to look at:
/// `level_L/CLASS/N.png`, `manifest.csv` (SceneRecord) and `contact_sheet.png`. The folder appears under its name when
/// it is whole; until then it is called NAME.part. `change`: nothing, or what is done to level 4. Returns the mean
/// difficulty of each level. Throws: Error when the folder exists, or something cannot be written.
inline std::array<double, 4> write_curriculum(Threads& threads, const SyntheticCurriculum& c,
                                              const std::filesystem::path& wanted, const SceneChange& change = {}) {
  namespace fs = std::filesystem;
  c.each.check();
  require(c.each.count >= 1, "a curriculum without pictures", "write_curriculum", "give a count of 1 or more a level");
  require(c.each.level == 1, "all four levels are written", "level", "leave it out");
  require(c.each.count <= max_a_level, "too many pictures for a folder", "count",
          "give at most 1,000,000 a level, or let them be made as they are read");
  std::error_code failed;
  const fs::path folder = detail::without_slash(wanted);
  const fs::path part = folder.string() + ".part";
  for (const fs::path& taken : {folder, part})
    if (fs::exists(taken, failed)) throw Error("the folder exists", taken.string(), "Name another, or remove it.");
  const auto classes = c.each.classes();
  fs::create_directories(part, failed);
  if (failed)
    throw Error("cannot make the folder: " + failed.message(), part.string(), "Check its rights and its disk.");

  std::array<double, 4> difficulty{};
  const Shape shape = c.each.spec().shape;
  detail::ContactSheet sheet(c.each, std::min<Index>(16, c.each.count));
  {
    CsvWriter manifest(part / "manifest.csv");  // first: `remove_curriculum` knows by it what was begun
    for (Index l = 1; l <= LevelMix::levels; ++l) detail::make_class_folders(c.of_level(l), classes, part);
    constexpr Index most_pictures = 256, most_values = Index{1} << 25;  // in memory at a time
    const Index block = std::clamp<Index>(most_values / shape.count(), 1, most_pictures);
    Buffer<float> values(block * shape.count());
    std::vector<SceneRecord> lines(to_size(block));
    const auto picture = [&](Index k) { return View<float>{values.data() + k * shape.count(), shape}; };
    for (Index l = 1; l <= LevelMix::levels; ++l) {
      const SyntheticGenerator g = c.of_level(l);
      for (Index begin = 0; begin < g.count; begin += block) {
        const Index here = std::min(block, g.count - begin);
        threads.run(here, [&](Index k) { g.read(begin + k, picture(k)); });
        std::vector<SceneAttack> attacks(to_size(here));
        if (change && l == LevelMix::levels)
          attacks = change(begin, {values.data(), {here, shape[0], shape[1], shape[2]}});
        threads.run(here, [&](Index k) {
          lines[to_size(k)] = detail::write_scene(g, classes, begin + k, picture(k), attacks[to_size(k)], part);
        });
        for (Index k = 0; k < here; ++k) {
          manifest.write(lines[to_size(k)]);
          sheet.add(l, begin + k, picture(k));
          difficulty[to_size(l - 1)] += lines[to_size(k)].difficulty / static_cast<double>(g.count);
        }
      }
    }
  }
  write_file_atomically(part / "contact_sheet.png", encode_png(sheet.picture()));
  fs::rename(part, folder, failed);
  if (failed)
    throw Error("cannot give the folder its name: " + failed.message(), folder.string(),
                "Look at " + part.string() + ".");
  return difficulty;
}

/// Reads a folder that `write_curriculum` wrote, all levels in their order, as many pictures on each. `group` is the
/// level. Throws: Error: no manifest, one that makes no sense, a picture that is missing, damaged or of another size.
inline ByteImages load_curriculum(Threads& threads, const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "manifest.csv";
  const std::string where = file.string();
  const CsvTable table(read_file(file, Index{1} << 31), where);
  const Index rows = table.size(), name = table.column("file"), level = table.column("level"),
              label = table.column("label"), class_name = table.column("class_name");
  if (rows == 0 || rows % LevelMix::levels != 0)
    throw Error(std::to_string(rows) + " pictures are not as many on each of four levels", where,
                "Generate the curriculum again.");
  ByteImages set;
  set.name = "curriculum";
  for (Index l = 1; l <= LevelMix::levels; ++l) set.groups.push_back("level " + std::to_string(l));
  for (Index i = 0; i < rows; ++i) {
    set.group.push_back(detail::manifest_number(table, i, level, LevelMix::levels + 1, where) - 1);
    if (set.group.back() != i / (rows / LevelMix::levels))
      throw Error("the levels are not in their order, with as many pictures on each", where,
                  "Generate the curriculum again.");
    set.label.push_back(detail::manifest_number(table, i, label, 1024, where));
    if (set.label.back() >= static_cast<Index>(set.classes.size())) set.classes.resize(to_size(set.label.back() + 1));
    set.classes[to_size(set.label.back())] = table.cell(i, class_name);
  }
  const auto decode = [&](Index i) {
    const auto path = detail::inside(folder, table.cell(i, name), where);
    return decode_png(read_file(path, Index{1} << 28), path.string());
  };
  const Picture first = decode(0);
  set.shape = {first.height, first.width, first.channels};
  require(rows <= (Index{1} << 36) / set.shape.count(), "the pictures do not fit in memory", "load_curriculum",
          "generate fewer or smaller pictures, or let them be made as they are read");
  set.pixels.resize(rows * set.shape.count());
  threads.run(rows, [&](Index i) {
    const Picture picture = decode(i);
    if (Shape{picture.height, picture.width, picture.channels} != set.shape)
      throw Error("the picture is " + to_string({picture.height, picture.width, picture.channels}) +
                      ", the first one is " + to_string(set.shape),
                  (folder / table.cell(i, name)).string(), "Generate the curriculum again.");
    std::copy(picture.bytes.begin(), picture.bytes.end(), set.image(i).data);
  });
  return set;
}

}  // namespace sseg
