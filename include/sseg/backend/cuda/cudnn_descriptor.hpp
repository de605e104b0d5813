#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/cuda/cudnn.hpp"

namespace sseg::cuda {

/// cuDNN's tag of a C++ type.
template <class T>
inline constexpr cudnnBackendAttributeType_t attribute_type = CUDNN_TYPE_INT64;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<bool> = CUDNN_TYPE_BOOLEAN;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<void*> = CUDNN_TYPE_VOID_PTR;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<char> = CUDNN_TYPE_CHAR;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnPointwiseMode_t> = CUDNN_TYPE_POINTWISE_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr cudnnBackendAttributeType_t attribute_type<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;

/// One descriptor of cuDNN's graph interface: attributes are set, then it is finalised and no longer changes.
/// Throws, in all that it does: Error with cuDNN's reason.
class CudnnDescriptor {
 public:
  using Name = cudnnBackendAttributeName_t;

  explicit CudnnDescriptor(cudnnBackendDescriptorType_t type) {
    check(cudnnBackendCreateDescriptor(type, &descriptor_), "cudnnBackendCreateDescriptor");
  }
  CudnnDescriptor(CudnnDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, nullptr)) {}
  CudnnDescriptor& operator=(CudnnDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~CudnnDescriptor() {
    if (descriptor_ != nullptr) (void)cudnnBackendDestroyDescriptor(descriptor_);
  }

  cudnnBackendDescriptor_t get() const { return descriptor_; }

  template <class T>
  CudnnDescriptor& set(Name name, std::span<const T> values) {
    check(cudnnBackendSetAttribute(descriptor_, name, attribute_type<T>, static_cast<std::int64_t>(values.size()),
                                   values.data()),
          "cudnnBackendSetAttribute");
    return *this;
  }
  template <class T>
  CudnnDescriptor& set(Name name, const T& value) {
    return set(name, std::span<const T>(&value, 1));
  }
  CudnnDescriptor& set(Name name, const CudnnDescriptor& other) { return refer(name, {&other.descriptor_, 1}); }
  /// Descriptors by their handles, which cuDNN's types do not tell from other addresses.
  CudnnDescriptor& refer(Name name, std::span<const cudnnBackendDescriptor_t> others) {
    check(cudnnBackendSetAttribute(descriptor_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                   static_cast<std::int64_t>(others.size()), others.data()),
          "cudnnBackendSetAttribute");
    return *this;
  }

  /// Returns cuDNN's status instead of throwing: for asking whether it can.
  cudnnStatus_t try_finalize() { return cudnnBackendFinalize(descriptor_); }
  CudnnDescriptor& finalize(const std::string& where) {
    check(try_finalize(), where);
    return *this;
  }

  /// As many values as there are, `most` at most.
  template <class T>
  std::vector<T> values(Name name, std::size_t most) const {
    std::vector<T> all(most);
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(descriptor_, name, attribute_type<T>, static_cast<std::int64_t>(most), &count,
                                   all.data()),
          "cudnnBackendGetAttribute");
    all.resize(std::min(most, static_cast<std::size_t>(count)));
    return all;
  }
  /// Descriptors that an attribute holds are written into ones made before: their handles, at most as many.
  std::size_t fill(Name name, std::span<cudnnBackendDescriptor_t> into) const {
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(descriptor_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                   static_cast<std::int64_t>(into.size()), &count, into.data()),
          "cudnnBackendGetAttribute");
    return std::min(into.size(), static_cast<std::size_t>(count));
  }
  /// How many descriptors an attribute holds at most.
  std::size_t count(Name name) const {
    std::int64_t n = 0;
    check(cudnnBackendGetAttribute(descriptor_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &n, nullptr),
          "cudnnBackendGetAttribute");
    return static_cast<std::size_t>(n);
  }

 private:
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

}  // namespace sseg::cuda
