#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sseg/backend/cuda/cudnn_graph.hpp"
#include "sseg/backend/cuda/device_description.hpp"
#include "sseg/backend/cuda/work_queue.hpp"

namespace sseg::cuda {

/// Addresses of a convolution's tensors; `bias` only where the pass has one.
struct ConvTensors {
  void* image;
  void* weights;
  void* out;
  void* bias = nullptr;
};

/// A convolution that cuDNN has chosen code for. The first engine that its heuristics name is taken whose results do
/// not depend on the order in which the device happens to add, which is as exact as the problem wants, and whose
/// workspace is not too large.
class ConvPlan {
 public:
  /// Bytes of workspace that no plan may exceed.
  static constexpr std::int64_t most_workspace = std::int64_t{1} << 30;

  /// For the device of `handle`. Throws: Error with the last refusal when cuDNN has no such plan.
  ConvPlan(const CudnnHandle& handle, const ConvProblem& problem) : ConvPlan(handle.get(), nullptr, problem) {}
  /// For a device that is only told of: it can be looked at, not run.
  ConvPlan(const DeviceDescription& device, const ConvProblem& problem)
      : ConvPlan(nullptr, &device.descriptor(), problem) {}

  const ConvProblem& problem() const { return problem_; }
  /// Bytes that `run` wants.
  std::int64_t workspace() const { return workspace_; }
  /// Engines that were looked at until one would do.
  int tried() const { return tried_; }

  /// Queues the convolution on the handle's stream. Throws: Error when cuDNN refuses.
  void run(const CudnnHandle& handle, const ConvTensors& t, void* workspace) const {
    execute(handle.get(), t, workspace);
  }
  /// The same by way of the stream's queue of work, which may hold it back: this stays where it is meanwhile.
  void give(WorkQueue& work, const CudnnHandle& handle, const ConvTensors& t, void* workspace) const {
    work.give(
        [](const Stream&, Tape::Words w) {
          const auto* const plan = w.next<const ConvPlan*>();
          const auto by = w.next<cudnnHandle_t>();
          ConvTensors tensors{};
          for (void** one : {&tensors.image, &tensors.weights, &tensors.out, &tensors.bias}) *one = w.next<void*>();
          plan->execute(by, tensors, w.next<void*>());
        },
        this, handle.get(), t.image, t.weights, t.out, t.bias, workspace);
  }

 private:
  void execute(cudnnHandle_t handle, const ConvTensors& t, void* workspace) const {
    const std::array<std::int64_t, 4> ids{tensor_id::image, tensor_id::weights, tensor_id::out, tensor_id::bias};
    const std::array<void*, 4> data{t.image, t.weights, t.out, t.bias};
    const std::size_t used = has_bias(problem_.pass) ? 4 : 3;
    CudnnDescriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, std::span<void* const>(data).first(used))
        .set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span<const std::int64_t>(ids).first(used))
        .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
        .finalize(problem_.text());
    check(cudnnBackendExecute(handle, plan_.get(), pack.get()), problem_.text());
  }

  ConvPlan(cudnnHandle_t handle, const CudnnDescriptor* device, const ConvProblem& problem) : problem_(problem) {
    const ConvGraph graph(problem, handle);
    const Target target{handle, device};
    std::string refusal = "its heuristics name no engine";
    for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
      if (choose(graph, target, mode, refusal)) return;
    throw Error(
        "cuDNN has no plan: " + refusal, problem.text(),
        "use another storage type (bf16 needs a device of 2020 or newer), allow TF32, or the backend sseg::Cpu");
  }

  /// A card by its handle, or one that is told of.
  struct Target {
    cudnnHandle_t handle;
    const CudnnDescriptor* device;
  };
  /// Marked as deprecated in the newest headers of cuDNN 9, and asked for by the versions before.
  static constexpr auto plan_handle = static_cast<CudnnDescriptor::Name>(400);

  bool choose(const ConvGraph& graph, const Target& target, cudnnBackendHeurMode_t mode, std::string& refusal) {
    CudnnDescriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.descriptor()).set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    if (target.device != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device);
    if (refused(heuristics, refusal)) return false;
    std::vector<CudnnDescriptor> engines;
    std::vector<cudnnBackendDescriptor_t> raw;
    for (std::size_t n = heuristics.count(CUDNN_ATTR_ENGINEHEUR_RESULTS); n > 0; --n)
      raw.push_back(engines.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
    raw.resize(heuristics.fill(CUDNN_ATTR_ENGINEHEUR_RESULTS, raw));  // fewer than it said before
    for (std::size_t i = 0; i < raw.size(); ++i)
      if (take(engines[i], target, refusal)) return true;
    return false;
  }

  bool take(const CudnnDescriptor& engine, const Target& target, std::string& refusal) {
    ++tried_;
    if (!exact_enough(engine)) {
      refusal = "an engine rounds more than was allowed, or adds in a changing order";
      return false;
    }
    CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engine);
    if (target.handle != nullptr) plan.set(plan_handle, target.handle);
    if (target.device != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device);
    if (refused(plan, refusal)) return false;
    const std::int64_t wanted = plan.values<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, 1).at(0);
    if (wanted > most_workspace) {
      refusal = "an engine wants " + std::to_string(wanted) + " bytes of workspace";
      return false;
    }
    plan_ = std::move(plan);
    workspace_ = wanted;
    return true;
  }

  /// By the notes that cuDNN attaches to an engine.
  bool exact_enough(const CudnnDescriptor& config) const {
    CudnnDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    cudnnBackendDescriptor_t raw = engine.get();
    config.fill(CUDNN_ATTR_ENGINECFG_ENGINE, {&raw, 1});
    const auto notes =
        engine.values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
    return std::none_of(notes.begin(), notes.end(), [&](auto note) { return unwanted(note); });
  }
  bool unwanted(cudnnBackendNumericalNote_t note) const {
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
      case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
      case CUDNN_NUMERICAL_NOTE_FFT:                // its error grows with the largest value of the whole image
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:  // 4×4, as of the Cpu, is close enough (decision 23)
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
        return true;
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:  // of float values: they are rounded to TF32
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
        return problem_.storage == Storage::f32 && !problem_.tf32;
      default:
        return false;
    }
  }

  static bool refused(CudnnDescriptor& descriptor, std::string& refusal) {
    const cudnnStatus_t status = descriptor.try_finalize();
    if (status == CUDNN_STATUS_SUCCESS) return false;
    char detail[512] = "";
    cudnnGetLastErrorString(detail, sizeof detail);
    refusal = std::string(cudnnGetErrorString(status)) + (*detail != 0 ? ": " : "") + detail;
    return true;
  }

  ConvProblem problem_;
  CudnnDescriptor plan_{CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR};
  std::int64_t workspace_ = 0;
  int tried_ = 0;
};

}  // namespace sseg::cuda
