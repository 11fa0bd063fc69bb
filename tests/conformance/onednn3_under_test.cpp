// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/onednn/backend.h>

#include "backends_under_test.h"

namespace fcngraph::testing {

std::vector<const Backend*> backends_under_test() { return {&onednn_backend()}; }

}  // namespace fcngraph::testing
