// SPDX-License-Identifier: Apache-2.0
#include "data/pictures/legend.h"

#include <algorithm>

#include "data/pictures/bitmap_font.h"

namespace fcngraph {
namespace data {
namespace {

constexpr Color kPaper = {255, 255, 255}, kInk = {20, 20, 20};
constexpr std::int64_t kMargin = 6, kSwatch = 9, kGap = 4, kLine = 13;

Image paper(std::int64_t height, std::int64_t width) {
  Image image = make_image(height, width);
  fill_box(image, 0, 0, height, width, kPaper);
  return image;
}

void paste(Image& target, const Image& source, std::int64_t top, std::int64_t left) {
  for (std::int64_t y = 0; y < source.height; ++y) {
    std::copy_n(source.at(y, 0), source.width * 3, target.at(top + y, left));
  }
}

}  // namespace

Image with_legend(const Image& image, std::span<const Color> palette, std::span<const std::string> names) {
  if (names.empty()) return image;
  std::int64_t longest = 0;
  for (const auto& name : names) longest = std::max(longest, text_width(name));
  const auto count = static_cast<std::int64_t>(names.size());
  const auto column = kSwatch + kGap + longest + 2 * kGap;
  const auto width = std::max(image.width, column + 2 * kMargin);
  const auto columns = std::min(count, (width - 2 * kMargin) / column);
  const auto rows = (count + columns - 1) / columns;
  Image result = paper(image.height + 2 * kMargin + rows * kLine, width);
  paste(result, image, 0, 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto top = image.height + kMargin + i / columns * kLine, left = kMargin + i % columns * column;
    const Color color = at < palette.size() ? palette[at] : Color{128, 128, 128};
    fill_box(result, top, left, kSwatch, kSwatch, kInk);
    fill_box(result, top + 1, left + 1, kSwatch - 2, kSwatch - 2, color);
    draw_text(result, top + 1, left + kSwatch + kGap, names[at], kInk);
  }
  return result;
}

}  // namespace data

Image side_by_side(std::span<const Panel> panels, std::span<const Color> palette, std::span<const std::string> names) {
  using namespace data;
  constexpr std::int64_t kTitle = kGlyphHeight + 2 * kMargin;
  std::int64_t height = 0, width = kMargin;
  const auto extent = [](const Panel& panel) { return std::max(panel.image.width, text_width(panel.title)); };
  for (const auto& panel : panels) {
    height = std::max(height, panel.image.height);
    width += extent(panel) + kMargin;
  }
  Image result = paper(kTitle + height, width);
  std::int64_t left = kMargin;
  for (const auto& panel : panels) {
    draw_text(result, kMargin, left, panel.title, kInk);
    paste(result, panel.image, kTitle, left);
    left += extent(panel) + kMargin;
  }
  return with_legend(result, palette, names);
}

}  // namespace fcngraph
