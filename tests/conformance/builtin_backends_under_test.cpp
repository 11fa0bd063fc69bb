// SPDX-License-Identifier: Apache-2.0
#include "available_backends.h"
#include "backends_under_test.h"

namespace fcngraph::testing {

std::vector<const Backend*> backends_under_test() { return available_backends(); }

}  // namespace fcngraph::testing
