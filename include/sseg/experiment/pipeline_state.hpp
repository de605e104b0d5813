#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/io/atomic_file.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// What is known of one stage of a pipeline.
struct StageRecord {
  std::string name{};
  std::string status{};   ///< running (also: interrupted), finished or failed
  std::string inputs{};   ///< a sum of all that it was made from
  std::string folder{};   ///< what it made: the run folder of train, else where its files lie
  std::string message{};  ///< of a failure
  double seconds = 0;     ///< of its last run
  bool operator==(const StageRecord&) const = default;
};

/// stages.json in the output folder of a pipeline: how far it has come.
struct PipelineState {
  Index format = 1;
  std::vector<StageRecord> stages{};
  bool operator==(const PipelineState&) const = default;

  /// The record of a stage, a new one where there is none.
  StageRecord& of(std::string_view name) {
    for (StageRecord& s : stages)
      if (s.name == name) return s;
    stages.push_back({.name = std::string(name)});
    return stages.back();
  }
  const StageRecord* find(std::string_view name) const {
    for (const StageRecord& s : stages)
      if (s.name == name) return &s;
    return nullptr;
  }
  bool finished(std::string_view name) const {
    const StageRecord* record = find(name);
    return record != nullptr && record->status == "finished";
  }
};

}  // namespace sseg

SSEG_FIELDS(sseg::StageRecord, name, status, inputs, folder, message, seconds);
SSEG_FIELDS(sseg::PipelineState, format, stages);

namespace sseg {

/// The state in a file; an empty one where there is none. Throws: Error for a damaged file or another format.
inline PipelineState load_pipeline_state(const std::filesystem::path& file) {
  PipelineState state;
  if (!std::filesystem::exists(file)) return state;
  fields_from_json(parse_json(read_file(file, Index{1} << 20), file.string()), state, file.string());
  require(state.format == 1, "the state of the pipeline has another format", file.string().c_str(),
          "remove the file to run every stage again, or update sseg");
  return state;
}

inline void save_pipeline_state(const std::filesystem::path& file, const PipelineState& state) {
  write_file_atomically(file, to_text(fields_to_json(state), 2) + "\n");
}

}  // namespace sseg
