// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/cudnn/backend.h>

#include <fcngraph/module/module_backend.h>

namespace fcngraph {

const Backend& cudnn_backend() {
  static const ModuleBackend backend("cudnn", system_loader());
  return backend;
}

}  // namespace fcngraph
