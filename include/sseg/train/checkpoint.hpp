#pragma once
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sseg/io/fields_json.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/train/genome.hpp"
#include "sseg/train/layout.hpp"
#include "sseg/train/train_record.hpp"
#include "sseg/train/train_state.hpp"

namespace sseg {

/// What a checkpoint file holds. The format is safetensors; convolution weights lie in PyTorch's order.
///   student/KEY, teacher/KEY    parameters and running statistics
///   moment0/KEY, moment1/KEY …  optimizer moments;  cohort/KEY  ages of widened tensors
///   memory/TASK                 what a loss remembers (DINO's centre)
///   routing/…                   importance and masks in the student's layout, running statistics of the two paths
///   base_mean                   mean feature of the training images, when known (for CL2N)
/// Metadata: "format", "genome", "train" and "config", each JSON. A file is written whole or not at all.
template <class Net>
struct Checkpoint {
  TrainState<Net, float> state;
  Shape image;                   ///< (H, W, C)
  Json config = Json::object();  ///< the run's configuration, for whoever reads the file
  std::vector<float> base_mean;
};

inline constexpr const char* checkpoint_format = "sseg-checkpoint-1";

namespace detail {

inline void put_store(SafeTensors& file, const std::string& role, const ParamStore<float>& store) {
  for (const auto& e : store.entries) {
    const auto shape = file_shape(e.desc);
    const auto put = [&](const std::string& name, const auto* memory) {
      const auto values = to_file_order(e.desc, memory);
      file.put(name + "/" + e.desc.key, shape, std::span(values.data(), values.size()));
    };
    put(role, store.values(e).data());
    if (!e.is_param()) continue;
    for (std::size_t m = 0; m < store.moment.size(); ++m)
      put("moment" + std::to_string(m), store.moment[m].data() + e.offset);
    if (role == "student" && !e.cohort.empty()) put("cohort", e.cohort.data());
  }
}

/// Every tensor must be there, with the very shape the net wants, before anything is allocated for it.
inline void check_tensors(const SafeTensors& file, const std::vector<ParamDesc>& wanted, const std::string& role,
                          const std::string& where) {
  for (const ParamDesc& d : wanted) {
    const std::string name = role + "/" + d.key;
    if (!file.contains(name)) throw Error("the tensor '" + name + "' is missing", where, "take a complete checkpoint");
    if (file.at(name).shape != file_shape(d) || file.at(name).dtype != "F32")
      throw Error("the tensor '" + name + "' does not fit the net that the file describes", where,
                  "take a checkpoint that this library wrote");
  }
}

inline void get_store(const SafeTensors& file, const std::string& role, ParamStore<float>& store) {
  for (auto& e : store.entries) {
    from_file_order(e.desc, file.values<float>(role + "/" + e.desc.key), store.values(e).data());
    if (!e.is_param()) continue;
    for (std::size_t m = 0; m < store.moment.size(); ++m)
      from_file_order(e.desc, file.values<float>("moment" + std::to_string(m) + "/" + e.desc.key),
                      store.moment[m].data() + e.offset);
  }
}

template <class... Tasks>
void put_memory(SafeTensors& file, const Heads<Tasks...>& heads, const LossMemory<float>& memory) {
  for (std::size_t i = 0; i < memory.size(); ++i)
    if (memory[i].size() > 0) file.put("memory/" + std::string(heads.names()[i]), {memory[i].size()}, memory[i].span());
}
template <class... Tasks>
LossMemory<float> get_memory(const SafeTensors& file, const Heads<Tasks...>& heads) {
  LossMemory<float> memory(heads.size);
  for (std::size_t i = 0; i < heads.size; ++i) {
    const std::string name = "memory/" + std::string(heads.names()[i]);
    if (!file.contains(name)) continue;
    const auto values = file.values<float>(name);
    memory[i].resize(static_cast<Index>(values.size()));
    std::copy(values.begin(), values.end(), memory[i].begin());
  }
  return memory;
}

inline void put_routing(SafeTensors& file, const Routing<float>& r, TrainRecord& record) {
  const auto put = [&](const char* name, const auto& values) {
    file.put(std::string("routing/") + name, {static_cast<Index>(values.size())}, values);
  };
  record.router = {r.router.config()};
  record.masks_settled = r.router.settled();
  record.router_seed = r.seed;
  put("importance", r.importance.values());
  put("paths", r.router.masks().paths.span());
  for (const auto* path : {&r.positive, &r.negative})
    if (path->store().state.size() > 0)
      put(path == &r.positive ? "positive_state" : "negative_state", path->store().state.span());
}

template <class T>
std::vector<T> get_exactly(const SafeTensors& file, const std::string& name, Index count, const std::string& where) {
  std::vector<T> values = file.contains(name) ? file.values<T>(name) : std::vector<T>{};
  if (static_cast<Index>(values.size()) != count)
    throw Error("the tensor '" + name + "' is missing or has another length than the net", where,
                "take an undamaged checkpoint");
  return values;
}

inline Routing<float> get_routing(const SafeTensors& file, const TrainRecord& record, const ParamStore<float>& student,
                                  const std::string& where) {
  Routing<float> r(record.router.front(), record.router_seed);
  const Index count = student.value.size();
  r.importance.restore(student, get_exactly<float>(file, "routing/importance", count, where));
  r.router.restore(student, get_exactly<std::uint8_t>(file, "routing/paths", count, where), record.masks_settled);
  for (auto* path : {&r.positive, &r.negative}) {
    const std::string name = path == &r.positive ? "routing/positive_state" : "routing/negative_state";
    if (!file.contains(name)) continue;
    path->load(student, r.router.masks());
    const auto values = get_exactly<float>(file, name, student.state.size(), where);
    std::copy(values.begin(), values.end(), path->store().state.begin());
  }
  return r;
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

inline void set_ages(const SafeTensors& file, const TrainRecord& record, ParamStore<float>& store,
                     const std::string& where) {
  std::set<std::string> seen;
  for (const TensorAge& age : record.ages) {
    auto& e = store.at(age.key);
    bool usable = e.is_param() && seen.insert(age.key).second && sane_count(age.step) && age.cohort_start.size() <= 256;
    for (const Index start : age.cohort_start) usable = usable && start >= 0 && start <= age.step;
    if (!usable)
      throw Error("the ages of '" + age.key + "' are not usable", where, "take a checkpoint that this library wrote");
    e.step = age.step;
    e.cohort_start = age.cohort_start;
    if (age.cohort_start.empty()) continue;
    const std::string name = "cohort/" + age.key;
    if (file.at(name).shape != file_shape(e.desc))
      throw Error("the ages of '" + age.key + "' are not usable", where, "take a checkpoint that this library wrote");
    e.cohort.resize(to_size(e.count()));
    from_file_order(e.desc, file.values<std::uint8_t>(name), e.cohort.data());
    for (const std::uint8_t c : e.cohort)
      if (c >= age.cohort_start.size())
        throw Error("'" + name + "' names a cohort that does not exist", where, "take an undamaged checkpoint");
  }
}

}  // namespace detail

/// Throws: Error when the file cannot be written; then an older file of that name is still there, whole. Also for a net
/// that was altered beyond what a genome describes (another kernel, another eps), before anything is written.
template <class Net>
void save_checkpoint(const std::filesystem::path& path, const TrainState<Net, float>& s, Shape image,
                     const Json& config, const std::vector<float>& base_mean = {}) {
  if (!(build_net<Net>(genome_of(s.model.net, image), path.string()) == s.model.net))
    throw Error("this net has parts that a checkpoint cannot describe", path.string(),
                "build it with SeedNetwork and the library's mutations");
  SafeTensors file;
  TrainRecord record;
  record.step = s.step;
  record.moments = static_cast<Index>(s.model.student.moment.size());
  record.plateau = s.plateau;
  record.sensitivity = sensitivity_record(s.sensitivity, s.model.net);
  record.collapse = collapse_record(s.collapse);
  record.loss = s.loss;
  record.history = s.history;
  for (const auto& e : s.model.student.entries)
    if (e.is_param()) record.ages.push_back({e.desc.key, e.step, e.cohort_start});
  detail::put_store(file, "student", s.model.student);
  detail::put_store(file, "teacher", s.model.teacher);
  detail::put_memory(file, head(s.model.net), s.memory);
  if (s.routing) detail::put_routing(file, *s.routing, record);
  file.metadata = {{"format", checkpoint_format},
                   {"genome", to_text(fields_to_json(genome_of(s.model.net, image)))},
                   {"train", to_text(fields_to_json(record))},
                   {"config", to_text(config)}};
  if (!base_mean.empty())
    file.put("base_mean", {static_cast<Index>(base_mean.size())}, std::span(base_mean.data(), base_mean.size()));
  file.save(path);
}

/// Throws: Error when the file is missing, damaged, of another format or of another kind of net.
template <class Net>
Checkpoint<Net> load_checkpoint(const std::filesystem::path& path) {
  const std::string where = path.string();
  const SafeTensors file = SafeTensors::load(path);
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != checkpoint_format)
    throw Error("this is no sseg checkpoint", where,
                "give a file written by train_sseg; its metadata says format " + std::string(checkpoint_format));
  const auto genome = detail::read_metadata<Genome>(file, "genome", where);
  const auto record = detail::read_metadata<TrainRecord>(file, "train", where);
  auto net = build_net<Net>(genome, where);
  detail::check_record(record, genome, where);

  std::vector<ParamDesc> wanted;
  net.describe_params("net", wanted);
  for (const char* role : {"student", "teacher"}) detail::check_tensors(file, wanted, role, where);
  std::erase_if(wanted, [](const ParamDesc& d) { return d.role == Role::state; });
  for (Index m = 0; m < record.moments; ++m) detail::check_tensors(file, wanted, "moment" + std::to_string(m), where);

  Checkpoint<Net> c{start_training<float>(std::move(net), record.moments, Rng()),
                    {genome.height, genome.width, genome.channels},
                    Json::object(),
                    {}};
  const auto& entries = c.state.model.student.entries;
  const auto params = std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.is_param(); });
  if (static_cast<std::size_t>(params) != record.ages.size())
    throw Error("the ages of some tensors are missing", where, "take a checkpoint that this library wrote");
  detail::get_store(file, "student", c.state.model.student);
  detail::get_store(file, "teacher", c.state.model.teacher);
  detail::set_ages(file, record, c.state.model.student, where);
  c.state.step = record.step;
  c.state.plateau = record.plateau;
  c.state.collapse = *collapse_memory(record.collapse);
  c.state.loss = record.loss;
  c.state.history = record.history;
  c.state.memory = detail::get_memory(file, head(c.state.model.net));
  if (!record.router.empty()) c.state.routing.emplace(detail::get_routing(file, record, c.state.model.student, where));
  c.state.sensitivity = sensitivity_of(record.sensitivity);
  if (const auto config = file.metadata.find("config"); config != file.metadata.end())
    c.config = parse_json(config->second, where + " (config)");
  if (file.contains("base_mean")) {
    c.base_mean = file.values<float>("base_mean");
    const Shape& i = c.image;
    if (static_cast<Index>(c.base_mean.size()) != backbone(c.state.model.net).out_shape({1, i[0], i[1], i[2]}).count())
      throw Error("the mean feature has another length than the net's features", where, "take an undamaged checkpoint");
  }
  return c;
}

}  // namespace sseg
