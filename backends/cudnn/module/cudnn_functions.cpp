// SPDX-License-Identifier: Apache-2.0
#include "cudnn_functions.h"

#include <dlfcn.h>
#include <nvrtc.h>

namespace {

void* cudnn_library = nullptr;

template <class F>
F* function(const char* name) {
  return cudnn_library != nullptr ? reinterpret_cast<F*>(dlsym(cudnn_library, name)) : nullptr;
}

}  // namespace

namespace fcngraph::cudnn {
void use_cudnn_library(void* library) { cudnn_library = library; }
}  // namespace fcngraph::cudnn

#define FCNGRAPH_PASS_ON(result, missing, name, parameters, arguments) \
  result CUDNNWINAPI name parameters {                                 \
    static auto* const passed_on = function<result parameters>(#name); \
    return passed_on != nullptr ? passed_on arguments : (missing);     \
  }

extern "C" {
FCNGRAPH_PASS_ON(size_t, 0, cudnnGetVersion, (), ())
FCNGRAPH_PASS_ON(const char*, "cuDNN was not opened", cudnnGetErrorString, (cudnnStatus_t status), (status))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnCreate, (cudnnHandle_t * handle), (handle))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnDestroy, (cudnnHandle_t handle), (handle))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnSetStream,
                 (cudnnHandle_t handle, cudaStream_t stream), (handle, stream))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnGetStream,
                 (cudnnHandle_t handle, cudaStream_t* stream), (handle, stream))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendCreateDescriptor,
                 (cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* descriptor), (type, descriptor))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendDestroyDescriptor,
                 (cudnnBackendDescriptor_t descriptor), (descriptor))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendFinalize,
                 (cudnnBackendDescriptor_t descriptor), (descriptor))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendSetAttribute,
                 (cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t count, const void* elements),
                 (descriptor, name, type, count, elements))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendGetAttribute,
                 (cudnnBackendDescriptor_t const descriptor, cudnnBackendAttributeName_t name,
                  cudnnBackendAttributeType_t type, int64_t wanted, int64_t* count, void* elements),
                 (descriptor, name, type, wanted, count, elements))
FCNGRAPH_PASS_ON(cudnnStatus_t, CUDNN_STATUS_NOT_INITIALIZED, cudnnBackendExecute,
                 (cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack),
                 (handle, plan, pack))

void CUDNNWINAPI cudnnGetLastErrorString(char* message, size_t size) {
  static auto* const passed_on = function<void(char*, size_t)>("cudnnGetLastErrorString");
  if (passed_on != nullptr)
    passed_on(message, size);
  else if (size > 0)
    message[0] = '\0';
}

// cudnn_frontend compiles kernels of its own at run time for ops that we have none of. They are refused here, which spares us the
// compiler's library.
nvrtcResult nvrtcCreateProgram(nvrtcProgram*, const char*, const char*, int, const char* const*, const char* const*) {
  return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE;
}
nvrtcResult nvrtcDestroyProgram(nvrtcProgram*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
nvrtcResult nvrtcCompileProgram(nvrtcProgram, int, const char* const*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
nvrtcResult nvrtcGetCUBIN(nvrtcProgram, char*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
nvrtcResult nvrtcGetCUBINSize(nvrtcProgram, size_t*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, size_t*) { return NVRTC_ERROR_BUILTIN_OPERATION_FAILURE; }
}
