// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// Every backend that this program tests and that can run on this machine.
std::vector<const Backend*> backends_under_test();

}  // namespace fcngraph::testing
