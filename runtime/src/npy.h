// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <fcngraph/tensor.h>

namespace fcngraph {

/// A whole .npy file in memory. Throws IoError(path).
Tensor parse_npy(std::span<const std::byte> file, const std::string& path);

}  // namespace fcngraph
