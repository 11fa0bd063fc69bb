// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <fcngraph/engine/types.h>

namespace fcngraph {

/// Index of the first element that is NaN or infinite, -1 where there is none. The bytes may lie at an odd address.
std::int64_t first_not_finite(const TensorType& type, std::span<const std::byte> bytes);

/// "tensor 'NAME' holds a value that is not finite (NaN or infinity) at index I"
std::string not_finite_message(const std::string& name, std::int64_t index);

}  // namespace fcngraph
