// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace fcngraph::import {

/// The name of a file that Keras publishes, by the MD5 of its bytes; empty: none that is known.
std::string_view published_name(const std::array<std::uint8_t, 16>& md5);

}  // namespace fcngraph::import
