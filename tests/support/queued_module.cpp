// SPDX-License-Identifier: Apache-2.0
// A module in the place of the one for GPUs: its kernels on the host, behind a queue.
#include <fcngraph/engine/backend_module.h>

#include "cudnn_on_host.h"
#include "queued_backend.h"

extern "C" __attribute__((visibility("default"))) const fcngraph::BackendModule* fcngraph_backend_module() {
  static const fcngraph::testing::QueuedBackend backend(fcngraph::testing::cudnn_on_host());
  static const fcngraph::BackendModule module{fcngraph::kBackendModuleVersion, fcngraph::backend_module_layout(),
                                              &backend};
  return &module;
}
