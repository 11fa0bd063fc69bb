// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace fcngraph {

/// What a program is for. `eval` is inference with losses and label maps; `train` adds gradients and updates.
enum class Mode : std::uint8_t { infer, eval, train };

}  // namespace fcngraph
