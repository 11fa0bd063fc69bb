// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "device.h"

namespace fcngraph::cudnn {

/// Throws BackendError with what was tried and what CUDA or cuDNN says of it.
inline void check(cudaError_t code, const char* what) {
  if (code != cudaSuccess) throw BackendError("cudnn", std::string(what) + ": " + cudaGetErrorString(code));
}
inline void check(cudnnStatus_t code, const char* what) {
  if (code != CUDNN_STATUS_SUCCESS) throw BackendError("cudnn", std::string(what) + ": " + cudnnGetErrorString(code));
}

inline Owned<cudaEvent_t> new_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "making an event");
  return Owned<cudaEvent_t>(event);
}

/// Memory that copies go through without another copy. Null where there is not enough of it.
inline Owned<std::byte*> new_pinned(std::size_t bytes) {
  void* pinned = nullptr;
  if (cudaMallocHost(&pinned, bytes) != cudaSuccess) {
    (void)cudaGetLastError();  // it is not to be found by what comes next
    return nullptr;
  }
  return Owned<std::byte*>(static_cast<std::byte*>(pinned));
}

}  // namespace fcngraph::cudnn
