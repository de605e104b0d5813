#pragma once
#include <cudnn.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cuda/double/world.hpp"

/// The descriptors of cuDNN's graph interface: bags of attributes that are checked against what each kind of descriptor
/// may hold, and that no longer change when they are finalized.
namespace cuda_double {

struct Descriptor;
using DescriptorPtr = std::shared_ptr<const Descriptor>;

struct Attribute {
  cudnnBackendAttributeType_t type;
  std::int64_t count;
  std::vector<std::byte> bytes;
  std::vector<DescriptorPtr> references;  ///< as they were when the attribute was set
};

/// One of the engines that the double offers for a graph.
struct EngineChoice {
  DescriptorPtr graph;
  int index = 0;
};

struct Descriptor {
  cudnnBackendDescriptorType_t type;
  std::map<cudnnBackendAttributeName_t, Attribute> attributes;
  bool finalized = false;
  EngineChoice engine;  ///< of an engine, its configuration and plan

  bool has(cudnnBackendAttributeName_t name) const { return attributes.count(name) != 0; }

  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    std::vector<T> out(found->second.bytes.size() / sizeof(T));
    std::memcpy(out.data(), found->second.bytes.data(), out.size() * sizeof(T));
    return out;
  }
  template <class T>
  T value(cudnnBackendAttributeName_t name, T otherwise = {}) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return otherwise;
    T out{};
    std::memcpy(&out, found->second.bytes.data(), sizeof out);
    return out;
  }
  DescriptorPtr reference(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? nullptr : found->second.references.at(0);
  }
};

/// What a kind of descriptor may hold. Throws: Misuse for a kind that is not in the double.
struct AttributeRule {
  cudnnBackendAttributeName_t name;
  cudnnBackendAttributeType_t type;
  std::int64_t least, most;  ///< values; least 0: may be absent
};
std::span<const AttributeRule> rules_of(cudnnBackendDescriptorType_t type);
std::size_t size_of(cudnnBackendAttributeType_t type);

/// What finalizing means, beyond that all attributes are there. Throws: Misuse, Refusal<cudnnStatus_t>.
void check_content(Descriptor& descriptor);

/// Answers a call of cuDNN, whose refusals have words.
std::string& last_cudnn_words();
template <class Body>
cudnnStatus_t answer_cudnn(const char* function, cudnnStatus_t told, bool may_fail, Body body) {
  const std::size_t before = world().complaints.size();
  const cudnnStatus_t status = answer(function, told, CUDNN_STATUS_BAD_PARAM, CUDNN_STATUS_SUCCESS, may_fail, [&] {
    try {
      body();
    } catch (const Refusal<cudnnStatus_t>& refusal) {
      last_cudnn_words() = refusal.why;
      throw;
    }
  });
  if (world().complaints.size() > before) last_cudnn_words() = world().complaints.back();
  return status;
}

}  // namespace cuda_double
