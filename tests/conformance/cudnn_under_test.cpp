// SPDX-License-Identifier: Apache-2.0
#include "backends_under_test.h"
#include "cudnn_on_host.h"

namespace fcngraph::testing {

std::vector<const Backend*> backends_under_test() {
  return {&cudnn_on_host(), &cudnn_on_host(true, false), &cudnn_on_host(false)};
}

}  // namespace fcngraph::testing
