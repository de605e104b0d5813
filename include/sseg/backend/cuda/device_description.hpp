#pragma once
#include <span>
#include <string_view>

#include "sseg/backend/cuda/cudnn_descriptor.hpp"

namespace sseg::cuda {

/// A device told of in JSON (compute capability, processors, memory …) instead of one that is there: plans for it can
/// be made on a machine without a GPU, and not run. cuDNN 9.11 and newer.
class DeviceDescription {
 public:
  /// Throws: Error when cuDNN does not understand it.
  explicit DeviceDescription(std::string_view json) : descriptor_(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR) {
    descriptor_.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, std::span<const char>(json.data(), json.size()))
        .finalize("DeviceDescription");
  }
  const CudnnDescriptor& descriptor() const { return descriptor_; }

 private:
  CudnnDescriptor descriptor_;
};

}  // namespace sseg::cuda
