// The functions of cuDNN that the library calls.
#include <cudnn.h>

#include <algorithm>
#include <set>

#include "cuda/double/cudnn_compute.hpp"
#include "cuda/double/cudnn_engines.hpp"

namespace cuda_double {

std::string& last_cudnn_words() {
  thread_local std::string words;
  return words;
}

namespace {

using Live = std::map<cudnnBackendDescriptor_t, std::shared_ptr<Descriptor>>;

Live& live() {
  static Live* const all = new Live;
  return *all;
}

std::shared_ptr<Descriptor> descriptor_of(cudnnBackendDescriptor_t handle) {
  const auto found = live().find(handle);
  demand(found != live().end(), "no such descriptor, or it was destroyed");
  return found->second;
}

const AttributeRule& rule_of(const Descriptor& d, cudnnBackendAttributeName_t name) {
  const std::span<const AttributeRule> rules = rules_of(d.type);
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const AttributeRule& r) { return r.name == name; });
  demand(rule != rules.end(),
         "descriptor type " + std::to_string(d.type) + " has no attribute " + std::to_string(name) + " in the double");
  return *rule;
}

void set_attribute(Descriptor& d, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                   std::int64_t count, const void* values) {
  demand(!d.finalized, "a finalized descriptor no longer changes");
  const AttributeRule& rule = rule_of(d, name);
  demand(type == rule.type, "attribute " + std::to_string(name) + " has another type");
  demand(count >= std::max<std::int64_t>(rule.least, 1) && count <= rule.most && values != nullptr,
         "attribute " + std::to_string(name) + " cannot have " + std::to_string(count) + " values");
  const auto* const bytes = static_cast<const std::byte*>(values);
  Attribute a{type, count, {bytes, bytes + static_cast<std::size_t>(count) * size_of(type)}, {}};
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
    for (std::int64_t i = 0; i < count; ++i) {
      a.references.push_back(descriptor_of(static_cast<const cudnnBackendDescriptor_t*>(values)[i]));
      demand(a.references.back()->finalized, "a descriptor is used that is not finalized");
    }
  d.attributes[name] = std::move(a);
}

void finalize(Descriptor& d) {
  demand(!d.finalized, "a descriptor is finalized twice");
  demand(d.type != CUDNN_BACKEND_ENGINE_DESCRIPTOR && d.type != CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
         "the double's engines come from its heuristics");
  for (const AttributeRule& rule : rules_of(d.type))
    demand(rule.least == 0 || d.has(rule.name), "attribute " + std::to_string(rule.name) + " is missing");
  check_content(d);
  d.finalized = true;
}

/// Answers with a number of plain values.
template <class T>
void give(const std::vector<T>& have, std::int64_t room, std::int64_t* count, void* out) {
  *count = static_cast<std::int64_t>(have.size());
  std::copy_n(have.begin(), std::min(*count, room), static_cast<T*>(out));
}

/// An engine, or its configuration, is written into a descriptor that the caller has made.
void give_engine(const EngineChoice& choice, cudnnBackendDescriptor_t into, cudnnBackendDescriptorType_t type) {
  const std::shared_ptr<Descriptor> d = descriptor_of(into);
  demand(d->type == type, "the descriptor to be filled is of another type");
  d->engine = choice;
  d->finalized = true;
}

void give_engines(const Descriptor& heuristics, std::int64_t room, std::int64_t* count, void* out) {
  // Asked how many there are, cuDNN names a bound; asked for them, it gives fewer.
  *count = room == 0 ? engine_count + 3 : std::min<std::int64_t>(room, engine_count);
  const DescriptorPtr graph = heuristics.reference(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
  for (int i = 0; room > 0 && i < *count; ++i)
    give_engine({graph, i}, static_cast<cudnnBackendDescriptor_t*>(out)[i], CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
}

void get_attribute(const Descriptor& d, cudnnBackendAttributeName_t name, std::int64_t room, std::int64_t* count,
                   void* out) {
  demand(d.finalized, "a descriptor is asked before it is finalized");
  if (name == CUDNN_ATTR_ENGINEHEUR_RESULTS && d.type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR) {
    give_engines(d, room, count, out);
  } else if (name == CUDNN_ATTR_ENGINECFG_ENGINE && d.type == CUDNN_BACKEND_ENGINECFG_DESCRIPTOR) {
    *count = 1;
    if (room > 0) give_engine(d.engine, *static_cast<cudnnBackendDescriptor_t*>(out), CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  } else if (name == CUDNN_ATTR_ENGINE_NUMERICAL_NOTE && d.type == CUDNN_BACKEND_ENGINE_DESCRIPTOR) {
    give(notes_of(d.engine), room, count, out);
  } else if (name == CUDNN_ATTR_ENGINE_GLOBAL_INDEX && d.type == CUDNN_BACKEND_ENGINE_DESCRIPTOR) {
    give(std::vector<std::int64_t>{d.engine.index}, room, count, out);
  } else if (name == CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE && d.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
    give(std::vector<std::int64_t>{workspace_bytes(d.engine)}, room, count, out);
  } else {
    throw Misuse("attribute " + std::to_string(name) + " cannot be asked for in the double");
  }
}

/// Checks the pointer of one tensor and notes it.
void attach(Computation& work, const Tensor& t, const std::map<std::int64_t, void*>& given, int device) {
  if (t.between) return;
  const std::string name = "tensor id " + std::to_string(t.id);
  const auto found = given.find(t.id);
  demand(found != given.end(), name + " has no pointer");
  demand_on_device(found->second, t.bytes(), device, name);
  demand(reinterpret_cast<std::uintptr_t>(found->second) % static_cast<std::uintptr_t>(t.alignment) == 0,
         name + " is not aligned to " + std::to_string(t.alignment) + " bytes");
  work.at[t.id] = found->second;
}

void check_overlap(const Computation& work) {
  for (const Node& from : work.nodes)
    for (const Node& to : work.nodes) {
      const Tensor& out = output(to);
      for (const Tensor& in : inputs(from)) {
        if (in.between || out.between || in.id == out.id) continue;
        const auto* const a = static_cast<const char*>(work.at.at(in.id));
        const auto* const b = static_cast<const char*>(work.at.at(out.id));
        demand(a + in.bytes() <= b || b + out.bytes() <= a,
               "tensor ids " + std::to_string(in.id) + " and " + std::to_string(out.id) + " overlap");
      }
    }
}

void execute(const CudnnHandle& handle, const std::shared_ptr<Descriptor>& plan_object, const Descriptor& pack) {
  const Descriptor& plan = *plan_object;
  demand(plan.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR && plan.finalized, "a finalized plan is wanted");
  demand(pack.type == CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR && pack.finalized, "a finalized variant pack is wanted");
  const auto ids = pack.values<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = pack.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  std::map<std::int64_t, void*> given;
  for (std::size_t i = 0; i < ids.size(); ++i)
    demand(given.emplace(ids[i], pointers[i]).second, "tensor id " + std::to_string(ids[i]) + " is given twice");
  Computation work{read_graph(*plan.engine.graph), {}, rounds_to_tf32(plan.engine)};
  for (const Node& node : work.nodes) {
    for (const Tensor& t : inputs(node)) attach(work, t, given, handle.device);
    attach(work, output(node), given, handle.device);
  }
  check_overlap(work);
  const auto bytes = static_cast<std::size_t>(workspace_bytes(plan.engine));
  auto* const workspace = pack.value<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
  demand_on_device(workspace, bytes, handle.device, "the workspace");
  world().streams.push(stream_of(handle.stream), "cudnnBackendExecute",
                       [work, workspace, bytes, lives = std::weak_ptr(plan_object)] {
                         demand(!lives.expired(), "its plan was destroyed before it ran");
                         std::memset(workspace, 0xff, bytes);  // whatever lies there is lost, as with a real engine
                         work.run();
                       });
}

CudnnHandle& handle_of(cudnnHandle_t handle) {
  demand_object(handle, "cudnnCreate");
  return *reinterpret_cast<CudnnHandle*>(handle);
}

}  // namespace
}  // namespace cuda_double

using namespace cuda_double;

extern "C" {

std::size_t cudnnGetVersion() { return CUDNN_VERSION; }

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  return answer_cudnn(__func__, CUDNN_STATUS_NOT_INITIALIZED, true, [&] {
    *handle = reinterpret_cast<cudnnHandle_t>(keep(new CudnnHandle{current_device(), nullptr}, "cudnnCreate"));
  });
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  return answer_cudnn(__func__, CUDNN_STATUS_SUCCESS, false, [&] {
    forget_object(handle, "cudnnCreate");
    delete reinterpret_cast<CudnnHandle*>(handle);
  });
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  return answer_cudnn(__func__, CUDNN_STATUS_BAD_PARAM_STREAM_MISMATCH, true, [&] {
    stream_of(stream);
    handle_of(handle).stream = stream;
  });
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* handle) {
  return answer_cudnn(__func__, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, true, [&] {
    rules_of(type);
    const auto made = std::make_shared<Descriptor>(Descriptor{type, {}, false, {}});
    *handle = keep(made.get(), "cudnnBackendCreateDescriptor");
    live()[*handle] = made;
  });
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t handle) {
  return answer_cudnn(__func__, CUDNN_STATUS_SUCCESS, false, [&] {
    forget_object(handle, "cudnnBackendCreateDescriptor");
    live().erase(handle);
  });
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t handle, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
  return answer_cudnn(__func__, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, true,
                      [&] { set_attribute(*descriptor_of(handle), name, type, count, values); });
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t handle) {
  return answer_cudnn(__func__, CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED, true,
                      [&] { finalize(*descriptor_of(handle)); });
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const handle, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t, std::int64_t room, std::int64_t* count, void* out) {
  return answer_cudnn(__func__, CUDNN_STATUS_INTERNAL_ERROR, true,
                      [&] { get_attribute(*descriptor_of(handle), name, room, count, out); });
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack) {
  return answer_cudnn(__func__, CUDNN_STATUS_EXECUTION_FAILED, true,
                      [&] { execute(handle_of(handle), descriptor_of(plan), *descriptor_of(pack)); });
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (CUDNN_STATUS_CATEGORY(status)) {
    case CUDNN_STATUS_SUCCESS:
      return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_BAD_PARAM:
      return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_INTERNAL_ERROR:
      return "CUDNN_STATUS_INTERNAL_ERROR";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_STATUS_NOT_INITIALIZED";
  }
}

void cudnnGetLastErrorString(char* message, std::size_t room) {
  std::strncpy(message, last_cudnn_words().c_str(), room);
  if (room > 0) message[room - 1] = 0;
  last_cudnn_words().clear();
}

}  // extern "C"
