// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

#include "environment_scope.h"

namespace fcngraph::testing {

/// Holds loops of our own back to an instruction set, and lets them go again.
struct IsaScope : EnvironmentScope {
  explicit IsaScope(const std::string& isa) : EnvironmentScope("FCNGRAPH_ISA", isa) {}
};

/// Those that this machine has.
inline std::vector<std::string> isas_of(const Backend& backend) {
  std::vector<std::string> out;
  for (const char* isa : {"avx512", "avx2", "scalar"}) {
    const IsaScope scope(isa);
    if (backend.probe().available) out.emplace_back(isa);
  }
  return out;
}

}  // namespace fcngraph::testing
