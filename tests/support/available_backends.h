// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// The library's backends that can run on this machine.
inline std::vector<const Backend*> available_backends() {
  std::vector<const Backend*> out;
  for (const Backend* backend : builtin_backends()) {
    if (backend->probe().available) out.push_back(backend);
  }
  return out;
}

}  // namespace fcngraph::testing
