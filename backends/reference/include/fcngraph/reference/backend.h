// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// Runs the reference loop of every op, in plain layout, on one thread. Never fast, always right; always built.
const Backend& reference_backend();

}  // namespace fcngraph
