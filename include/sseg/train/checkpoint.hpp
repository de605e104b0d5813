#pragma once
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/fewshot/base_statistics.hpp"
#include "sseg/io/content_sum.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/train/checkpoint_tensors.hpp"
#include "sseg/train/genome.hpp"
#include "sseg/train/train_record.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// What a checkpoint file holds. The format is safetensors; convolution weights lie in PyTorch's order.
///   student/KEY, teacher/KEY    parameters and running statistics
///   moment0/KEY, moment1/KEY …  optimizer moments;  cohort/KEY  ages of widened tensors
///   memory/TASK                 what a loss remembers (DINO's centre)
///   routing/…                   importance and masks in the student's layout, running statistics of the two paths
///   base_mean, base_whitening   mean feature of the training images and whitening, when known (BaseStatistics)
/// Metadata: "format"; "genome" (Genome), "train" (TrainRecord) and "config", each JSON; "checksum" (`content_sum`),
/// which who alters a file on purpose takes out. A file is written whole or not at all.
template <class Net>
struct Checkpoint {
  TrainState<Net, float> state;
  Shape image;                   ///< (H, W, C)
  Json config = Json::object();  ///< the run's configuration, for whoever reads the file
  BaseStatistics base;
};

/// The version of the format that is written, and the only one that is read: "sseg-checkpoint-2".
inline constexpr Index checkpoint_version = 2;

namespace detail {

inline constexpr std::string_view checkpoint_format = "sseg-checkpoint-";

/// Before anything else in the file is looked at. Throws: Error for another format or version, or damage.
inline void check_format(const SafeTensors& file, const std::string& where) {
  const auto metadata = [&](const std::string& key) {
    const auto it = file.metadata.find(key);
    return it == file.metadata.end() ? std::string_view{} : std::string_view(it->second);
  };
  const std::string_view format = metadata("format");
  const auto version = format.starts_with(checkpoint_format)
                           ? from_text_value<Index>(format.substr(checkpoint_format.size()))
                           : std::nullopt;
  if (!version)
    throw Error("this is no sseg checkpoint", where,
                "give a checkpoint.safetensors that train_sseg or save_checkpoint wrote");
  const std::string versions = "the checkpoint has version " + std::to_string(*version) +
                               " of the format, and this sseg reads " + std::to_string(checkpoint_version);
  if (*version > checkpoint_version) throw Error(versions, where, "update sseg");
  if (*version < checkpoint_version)
    throw Error(versions, where, "train again, or go on with the older sseg that wrote it");
  for (const auto& [key, text] : file.metadata)
    if (key != "format" && key != "genome" && key != "train" && key != "config" && key != "checksum")
      throw Error("the metadata has an unknown entry '" + key.substr(0, 50) + "'", where,
                  "take an undamaged checkpoint");
  if (file.metadata.contains("checksum") && metadata("checksum") != content_sum(file, "checksum"))
    throw Error("the contents do not match their checksum", where,
                "take an undamaged copy; after a change on purpose, take 'checksum' out of the metadata");
}

template <class Record>
Record read_metadata(const SafeTensors& file, const std::string& name, const std::string& where) {
  const auto it = file.metadata.find(name);
  if (it == file.metadata.end())
    throw Error("the metadata has no '" + name + "'", where, "take a checkpoint that this library wrote");
  Record record{};
  fields_from_json(parse_json(it->second, where + " (" + name + ")"), record, name);
  return record;
}

/// JSON has no infinity and no not-a-number: a file with one could not be read again.
inline void check_finite(const Json& json, const std::string& where) {
  if (json.is_number_float() && !std::isfinite(json.get<double>()))
    throw Error("a number of the training state is not finite", where, "lower the learning rate");
  if (json.is_structured())
    for (const Json& part : json) check_finite(part, where);
}

template <class Net>
TrainRecord record_of_state(const TrainState<Net, float>& s) {
  TrainRecord record;
  record.step = s.step;
  record.moments = static_cast<Index>(s.model.student.moment.size());
  record.plateau = s.plateau;
  record.sensitivity = sensitivity_record(s.sensitivity, s.model.net);
  record.collapse = collapse_record(s.collapse);
  record.loss = s.loss;
  record.curriculum = s.curriculum;
  record.stop = s.stop;
  record.history = s.history;
  for (const auto& e : s.model.student.entries)
    if (e.is_param()) record.ages.push_back({e.desc.key, e.step, e.cohort_start});
  return record;
}

template <class Net>
TrainState<Net, float> read_state(const SafeTensors& file, const Genome& genome, const std::string& where) {
  const auto record = read_metadata<TrainRecord>(file, "train", where);
  auto net = build_net<Net>(genome, where);
  check_record(record, genome, where);
  check_tensors(file, net, record.moments, where);
  auto s = start_training<float>(std::move(net), record.moments, Rng());
  get_store(file, "student", s.model.student);
  get_store(file, "teacher", s.model.teacher);
  set_ages(file, record, s.model.student, where);
  s.step = record.step;
  s.plateau = record.plateau;
  s.sensitivity = sensitivity_of(record.sensitivity);
  s.collapse = *collapse_memory(record.collapse);
  s.loss = record.loss;
  s.curriculum = record.curriculum;
  s.stop = record.stop;
  s.history = record.history;
  s.memory = get_memory(file, head(s.model.net));
  if (!record.router.empty()) s.routing.emplace(get_routing(file, record, s.model.student, where));
  return s;
}

/// Those that the file has.
template <class Net>
BaseStatistics get_base_statistics(const SafeTensors& file, const Net& net, const Genome& genome,
                                   const std::string& where) {
  const Index dim = net.out_shape({1, genome.height, genome.width, genome.channels}).count();
  const Index channels = feature_channels(net);
  const auto get = [&](const std::string& name, const std::vector<Index>& shape, Index count) {
    if (!file.contains(name)) return std::vector<float>{};
    if (file.at(name).shape != shape)
      throw Error("the tensor '" + name + "' has another shape than the net's features", where,
                  "take an undamaged checkpoint");
    return get_exactly<float>(file, name, count, where);
  };
  BaseStatistics base{.mean = get("base_mean", {dim}, dim),
                      .whitening = get("base_whitening", {channels, channels}, channels * channels)};
  base.check(dim);
  return base;
}

template <class Net>
Checkpoint<Net> read_checkpoint(const SafeTensors& file, const std::string& where) {
  check_format(file, where);
  const auto genome = read_metadata<Genome>(file, "genome", where);
  Checkpoint<Net> c{
      read_state<Net>(file, genome, where), {genome.height, genome.width, genome.channels}, Json::object(), {}};
  if (const auto config = file.metadata.find("config"); config != file.metadata.end())
    c.config = parse_json(config->second, where + " (config)");
  c.base = get_base_statistics(file, backbone(c.state.model.net), genome, where);
  return c;
}

}  // namespace detail

/// Throws: Error when the file cannot be written; then an older file of that name is still there, whole. Also for a net
/// that was altered beyond what a genome describes (another kernel, another eps) and for numbers that are not finite,
/// before anything is written.
template <class Net>
void save_checkpoint(const std::filesystem::path& path, const TrainState<Net, float>& s, Shape image,
                     const Json& config, const BaseStatistics& base = {}) {
  const Genome genome = genome_of(s.model.net, image);
  if (!(build_net<Net>(genome, path.string()) == s.model.net))
    throw Error("this net has parts that a checkpoint cannot describe", path.string(),
                "build it with SeedNetwork and the library's mutations");
  SafeTensors file;
  TrainRecord record = detail::record_of_state(s);
  detail::put_store(file, "student", s.model.student);
  detail::put_store(file, "teacher", s.model.teacher);
  detail::put_memory(file, head(s.model.net), s.memory);
  if (s.routing) detail::put_routing(file, *s.routing, record);
  const Json train = fields_to_json(record);
  detail::check_finite(train, path.string());
  file.metadata = {{"format", std::string(detail::checkpoint_format) + std::to_string(checkpoint_version)},
                   {"genome", to_text(fields_to_json(genome))},
                   {"train", to_text(train)},
                   {"config", to_text(config)}};
  base.check(backbone(s.model.net).out_shape({1, image[0], image[1], image[2]}).count());
  if (!base.mean.empty()) file.put("base_mean", {static_cast<Index>(base.mean.size())}, std::span(base.mean));
  if (!base.whitening.empty())
    file.put("base_whitening", {base.channels(), base.channels()}, std::span(base.whitening));
  file.metadata["checksum"] = content_sum(file, "checksum");
  file.save(path);
}

/// Throws: Error naming the file when it is missing, damaged, of another version or of another kind of net.
template <class Net>
Checkpoint<Net> load_checkpoint(const std::filesystem::path& path) {
  const SafeTensors file = SafeTensors::load(path);
  try {
    return detail::read_checkpoint<Net>(file, path.string());
  } catch (const Error& e) {
    if (e.where().starts_with(path.string())) throw;
    throw Error(e.what_happened(), path.string() + ": " + e.where(), e.cure());
  }
}

}  // namespace sseg
