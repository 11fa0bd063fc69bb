// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/onednn/backend.h>

#include "backends_under_test.h"
#include "skip.h"

namespace fcngraph::testing {

std::vector<const Backend*> backends_under_test() {
#if defined(FCNGRAPH_LOOPS_FOR)
  if (!__builtin_cpu_supports(FCNGRAPH_LOOPS_FOR)) {
    skip("this machine has not all of " FCNGRAPH_LOOPS_FOR);
    return {};
  }
#endif
  return {&onednn_backend()};
}

}  // namespace fcngraph::testing
