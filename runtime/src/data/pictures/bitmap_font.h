// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <fcngraph/image.h>

namespace fcngraph::data {

inline constexpr std::int64_t kGlyphHeight = 9;   ///< seven rows and two for tails
inline constexpr std::int64_t kGlyphAdvance = 6;  ///< five columns and a gap

/// Width in pixels of a line of text.
std::int64_t text_width(std::string_view text) noexcept;

/// Draws ASCII text; what lies outside the image is cut off.
void draw_text(Image& image, std::int64_t top, std::int64_t left, std::string_view text, Color color);

/// Fills a box; what lies outside the image is cut off.
void fill_box(Image& image, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width, Color color);

}  // namespace fcngraph::data
