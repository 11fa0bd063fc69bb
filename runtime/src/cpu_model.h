// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace fcngraph {

/// The processor's name as the system tells it, or "unknown".
std::string cpu_model();

}  // namespace fcngraph
