// SPDX-License-Identifier: Apache-2.0
#include "backends_under_test.h"

namespace fcngraph::testing {

std::vector<const Backend*> backends_under_test() {
  std::vector<const Backend*> out;
  for (const Backend* backend : builtin_backends()) {
    if (backend->probe().available) out.push_back(backend);
  }
  return out;
}

}  // namespace fcngraph::testing
