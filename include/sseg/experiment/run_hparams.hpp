#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/config.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/report/event_hparams.hpp"

namespace sseg {

namespace detail {

inline void add_hparams(const Json& value, const std::string& name, std::vector<EventHparam>& list) {
  if (value.is_object())
    for (const auto& [key, part] : value.items())
      add_hparams(part, std::string(name).append(name.empty() ? "" : ".").append(key), list);
  else if (value.is_boolean())
    list.push_back({name, value.get<bool>()});
  else if (value.is_number())
    list.push_back({name, value.get<double>()});
  else
    list.push_back({name, value.is_string() ? value.get<std::string>() : to_text(value)});
}

}  // namespace detail

/// Every setting of a run under its full name ("train.steps"), as TensorBoard lists them; lists as text.
inline std::vector<EventHparam> run_hparams(const RunConfig& c) {
  std::vector<EventHparam> list;
  detail::add_hparams(fields_to_json(c), "", list);
  return list;
}

}  // namespace sseg
