// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace fcngraph::import {

/// A file that somebody publishes, known by its bytes.
struct Published {
  std::string_view md5;  ///< 32 hexadecimal digits
  std::string_view name;
};

/// Those of Keras.
std::span<const Published> published_files();

/// The name of a file by the MD5 of its bytes; empty: none that is known.
std::string_view published_name(const std::array<std::uint8_t, 16>& md5, std::span<const Published> known);

}  // namespace fcngraph::import
