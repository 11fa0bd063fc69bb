// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace fcngraph {

/// MD5 (RFC 1321). Not for security: TensorFlow Datasets orders its records by it, and Keras names its published files by it.
std::array<std::uint8_t, 16> md5(std::string_view text);

}  // namespace fcngraph
