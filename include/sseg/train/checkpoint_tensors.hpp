#pragma once
#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/net/param_store.hpp"
#include "sseg/train/layout.hpp"
#include "sseg/train/train_record.hpp"
#include "sseg/train/train_state.hpp"

// The tensors of a checkpoint; train/checkpoint.hpp says which there are.
namespace sseg::detail {

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

inline void check_role(const SafeTensors& file, const std::vector<ParamDesc>& wanted, const std::string& role,
                       const std::string& where) {
  for (const ParamDesc& d : wanted) {
    const std::string name = role + "/" + d.key;
    if (!file.contains(name)) throw Error("the tensor '" + name + "' is missing", where, "take a complete checkpoint");
    if (file.at(name).shape != file_shape(d) || file.at(name).dtype != "F32")
      throw Error("the tensor '" + name + "' does not fit the net that the file describes", where,
                  "take a checkpoint that this library wrote");
  }
}

/// Every tensor must be there, with the very shape the net wants, before anything is allocated for it.
template <class Net>
void check_tensors(const SafeTensors& file, const Net& net, Index moments, const std::string& where) {
  std::vector<ParamDesc> wanted;
  net.describe_params("net", wanted);
  for (const char* role : {"student", "teacher"}) check_role(file, wanted, role, where);
  std::erase_if(wanted, [](const ParamDesc& d) { return d.role == Role::state; });
  for (Index m = 0; m < moments; ++m) check_role(file, wanted, "moment" + std::to_string(m), where);
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

inline void set_ages(const SafeTensors& file, const TrainRecord& record, ParamStore<float>& store,
                     const std::string& where) {
  const auto params = std::count_if(store.entries.begin(), store.entries.end(), [](auto& e) { return e.is_param(); });
  if (static_cast<std::size_t>(params) != record.ages.size())
    throw Error("the ages of some tensors are missing", where, "take a checkpoint that this library wrote");
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

}  // namespace sseg::detail
