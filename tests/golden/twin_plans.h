// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// Holds the plans of the tiny twins on a backend, for inference and training, to the files in plans/.
void check_twin_plans(const Backend& backend);

}  // namespace fcngraph::testing
