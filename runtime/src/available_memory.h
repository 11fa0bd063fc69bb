// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph {

/// Bytes that a process can still take without swapping: what the system reports as available, and no more than its control
/// group leaves it. The largest number where neither says.
std::int64_t available_memory();

}  // namespace fcngraph
