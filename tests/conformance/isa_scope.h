// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// Holds loops of our own back to an instruction set, and lets them go again.
class IsaScope {
 public:
  explicit IsaScope(const std::string& isa) {
    if (const char* set = std::getenv("FCNGRAPH_ISA")) before_ = set;
    setenv("FCNGRAPH_ISA", isa.c_str(), 1);
  }
  ~IsaScope() {
    if (before_)
      setenv("FCNGRAPH_ISA", before_->c_str(), 1);
    else
      unsetenv("FCNGRAPH_ISA");
  }
  IsaScope(const IsaScope&) = delete;
  IsaScope& operator=(const IsaScope&) = delete;

 private:
  std::optional<std::string> before_;
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
