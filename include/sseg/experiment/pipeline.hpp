#pragma once
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sseg/experiment/experiment_pipeline.hpp"
#include "sseg/experiment/pipeline_state.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg {

/// What a stage works with. `state` holds the records of the stages before it, for example the run folder of train.
template <class B>
struct StageWork {
  B& backend;
  const ExperimentPipeline& pipeline;
  const PipelineState& state;
  StageRecord& record;  ///< its own: a stage that makes a folder of its own names it here, see `keep`
  const std::atomic<bool>& stop;
  std::FILE* out;
  std::function<void()> keep;  ///< writes stages.json: what is in `record` survives an interruption
  bool fresh = false;          ///< nothing that an earlier run left may be kept

  std::filesystem::path folder_of(std::string_view stage) const {
    const StageRecord* record_of = state.find(stage);
    return record_of == nullptr ? std::filesystem::path() : std::filesystem::path(record_of->folder);
  }
};

/// One stage. Whoever has another way to do one replaces its line in `pipeline_stages`.
template <class B>
struct PipelineStage {
  std::string_view name;
  std::vector<std::string_view> needs;                           ///< stages whose results it cannot do without
  std::vector<std::string_view> uses;                            ///< stages whose results it takes where they are there
  std::function<std::string(const ExperimentPipeline&)> inputs;  ///< text of the settings that decide its result
  std::function<bool(StageWork<B>&)> run;                        ///< false: interrupted. Throws: Error
};

/// How a pipeline is run.
struct PipelineRun {
  std::string only{};  ///< this stage alone; empty: all that are on
  bool fresh = false;  ///< anew, also what is finished
};

enum class PipelineEnding { finished, failed, interrupted };

namespace detail {

/// The settings of a stage, and what the stages before it made: changes when one of these was made again.
template <class B>
std::string stage_inputs(const PipelineStage<B>& stage, const ExperimentPipeline& p, const PipelineState& state) {
  WordSum sum;
  sum.add(std::string_view(stage.inputs(p)));
  for (const auto* before : {&stage.needs, &stage.uses})
    for (const std::string_view name : *before) {
      const bool there = state.finished(name);
      sum.add(std::string_view(there ? state.find(name)->inputs + " " + state.find(name)->folder : "none"));
    }
  return sum.hex();
}

/// Throws: Error when a stage that this one cannot do without is not finished, or was made with other settings.
template <class B>
void check_needs(const std::vector<PipelineStage<B>>& stages, const PipelineStage<B>& stage,
                 const ExperimentPipeline& p, const PipelineState& state) {
  for (const std::string_view name : stage.needs) {
    if (!state.finished(name))
      throw Error(std::string(stage.name) + " needs the stage " + std::string(name) + ", which is not finished",
                  p.where, "run --only " + std::string(name) + ", or switch it on in \"stages\"");
    for (const PipelineStage<B>& needed : stages)
      if (needed.name == name && state.find(name)->inputs != stage_inputs(needed, p, state))
        throw Error(std::string(stage.name) + " needs the stage " + std::string(name) +
                        ", which was finished with other settings",
                    p.where, "run --only " + std::string(name) + " first, or give the settings that it was run with");
  }
}

/// Forgets what lies outside of the output folder: the folder was copied, and the original is not ours to go on with.
inline void keep_own_records(PipelineState& state, const std::filesystem::path& root) {
  const auto home = std::filesystem::weakly_canonical(root);
  for (StageRecord& record : state.stages) {
    if (record.folder.empty()) continue;
    const auto below = std::filesystem::weakly_canonical(record.folder).lexically_relative(home);
    if (below.empty() || *below.begin() == "..") record = {.name = record.name};
  }
}

/// Runs one stage and keeps its record. True when it is finished.
template <class B>
bool run_stage(B& backend, const ExperimentPipeline& p, const std::vector<PipelineStage<B>>& stages,
               const PipelineStage<B>& stage, bool fresh, PipelineState& state, const std::atomic<bool>& stop,
               std::FILE* out) {
  const std::filesystem::path file = p.root() / "stages.json";
  const auto keep = [&] { save_pipeline_state(file, state); };
  check_needs(stages, stage, p, state);
  const std::string inputs = stage_inputs(stage, p, state);
  StageRecord& record = state.of(stage.name);
  if (!fresh && record.status == "finished" && record.inputs == inputs && std::filesystem::exists(record.folder)) {
    std::fprintf(out, "%s: finished before, %s\n", record.name.c_str(), record.folder.c_str());
    return true;
  }
  if (fresh || record.inputs != inputs) record.folder.clear();  // else it goes on there
  record.status = "running";
  record.inputs = inputs;
  record.message.clear();
  keep();
  std::fprintf(out, "%s\n", record.name.c_str());
  std::fflush(out);
  const auto start = std::chrono::steady_clock::now();
  StageWork<B> work{backend, p, state, record, stop, out, keep, fresh};
  const bool finished = stage.run(work);
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (finished) record.status = "finished";
  keep();
  return finished;
}

}  // namespace detail

/// Runs the stages of a pipeline that are on, or the one that is wanted. What is finished and made from the same
/// settings is not made again; an interrupted training goes on; both are known from stages.json in the output folder.
/// After a stage that fails, nothing more runs; what to do is written to `out`, with `program` as the command.
/// Throws: Error when the state cannot be read or kept, or no stage has the name that is wanted.
template <class B>
PipelineEnding run_pipeline(B& backend, const ExperimentPipeline& p, const std::vector<PipelineStage<B>>& stages,
                            const PipelineRun& how, const std::atomic<bool>& stop, const std::string& program,
                            std::FILE* out = stdout) {
  std::error_code failed;
  std::filesystem::create_directories(p.root(), failed);
  if (failed)
    throw Error("cannot make the output folder: " + failed.message(), p.root().string(),
                "choose another place by output_dir");
  PipelineState state = load_pipeline_state(p.root() / "stages.json");
  detail::keep_own_records(state, p.root());
  state.stages.reserve(stages.size() + state.stages.size());  // records stay where they are while a stage runs
  bool known = how.only.empty();
  for (const PipelineStage<B>& stage : stages) {
    known = known || stage.name == how.only;
    if (how.only.empty() ? !p.runs(stage.name) : stage.name != how.only) continue;
    const auto say = [&](const std::string& what, const std::string& command) {
      std::fprintf(out, "%s: %s\nto go on: %s\n", std::string(stage.name).c_str(), what.c_str(), command.c_str());
      std::fflush(out);
    };
    try {
      if (!detail::run_stage(backend, p, stages, stage, how.fresh, state, stop, out) || stop) {
        say("stopped", program);
        return PipelineEnding::interrupted;
      }
    } catch (const std::exception& e) {
      StageRecord& record = state.of(stage.name);
      record.status = "failed";
      record.message = e.what();
      save_pipeline_state(p.root() / "stages.json", state);
      std::string commands = program;
      if (how.only.empty())
        commands.append("   or this stage alone: ").append(program).append(" --only ").append(stage.name);
      say(std::string("failed\n") + e.what(), commands);
      return PipelineEnding::failed;
    }
  }
  require(known, "there is no such stage", "--only",
          "give generate_curriculum, train, evaluate, ablation, analyze or export");
  return PipelineEnding::finished;
}

}  // namespace sseg
