// SPDX-License-Identifier: Apache-2.0
// The module's one entry point, and the backend behind it.
#include <fcngraph/engine/backend_module.h>

#include "core.h"
#include "cudnn_functions.h"
#include "device.h"
#include "engines.h"
#include "libraries.h"

namespace fcngraph::cudnn {
namespace {

/// What is known of the machine. Made once and never destroyed: at the end of the process CUDA may be gone first.
struct Machine {
  Libraries libraries = open_libraries(system_loader());
  CudnnEngines engines{libraries};
  Machine() { use_cudnn_library(libraries.cudnn); }
};

Machine& machine() {
  static auto* const made = new Machine();
  return *made;
}

class CudnnBackend final : public Backend {
 public:
  std::string_view name() const override { return "cudnn"; }
  Probe probe() const override { return probe_of(machine().libraries); }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    return capability_of(step, policy, machine().engines);
  }
  std::unique_ptr<Device> open(const DeviceOptions& options) const override {
    if (!machine().libraries.complete()) throw BackendError("cudnn", machine().libraries.missing);
    return std::make_unique<CudaDevice>(options, machine().engines);
  }
  bool works_beside_host() const override { return true; }
};

}  // namespace
}  // namespace fcngraph::cudnn

extern "C" __attribute__((visibility("default"))) const fcngraph::BackendModule* fcngraph_backend_module() {
  static const fcngraph::cudnn::CudnnBackend backend;
  static const fcngraph::BackendModule module{fcngraph::kBackendModuleVersion, fcngraph::backend_module_layout(),
                                              &backend};
  return &module;
}
