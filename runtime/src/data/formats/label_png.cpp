// SPDX-License-Identifier: Apache-2.0
// Labels are runs, and libpng would look at each of their bytes several times over.
#include <array>
#include <string_view>

#include <zlib.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"
#include "data/formats/run_length_deflate.h"

namespace fcngraph::data {
namespace {

void append(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Length, kind, content, checksum of the last two.
void append_chunk(std::vector<std::uint8_t>& out, std::string_view kind, Bytes content) {
  append(out, static_cast<std::uint32_t>(content.size()));
  const std::size_t checked = out.size();
  out.insert(out.end(), kind.begin(), kind.end());
  out.insert(out.end(), content.begin(), content.end());
  append(out, static_cast<std::uint32_t>(crc32_z(0, out.data() + checked, out.size() - checked)));
}

/// A full table, so that any label has an entry: grey where the palette ends, white for what is ignored.
std::array<std::uint8_t, 3 * 256> table_of(std::span<const Color> palette) {
  std::array<std::uint8_t, 3 * 256> table;
  for (std::size_t i = 0; i < 256; ++i) {
    const Color other = i == kIgnore ? Color{255, 255, 255} : Color{128, 128, 128};
    const Color color = i < palette.size() ? palette[i] : other;
    table[3 * i] = color.r;
    table[3 * i + 1] = color.g;
    table[3 * i + 2] = color.b;
  }
  return table;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const LabelMap& labels, std::span<const Color> palette) {
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(labels.labels.size()) == labels.height * labels.width, "a label a pixel");
  if (labels.labels.empty()) throw GraphError("image cannot be written as PNG: it has no pixels");
  std::vector<std::uint8_t> header;
  append(header, static_cast<std::uint32_t>(labels.width));
  append(header, static_cast<std::uint32_t>(labels.height));
  constexpr std::uint8_t kBits = 8, kPalette = 3;
  header.insert(header.end(), {kBits, kPalette, 0, 0, 0});
  std::vector<std::uint8_t> out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  append_chunk(out, "IHDR", header);
  append_chunk(out, "PLTE", table_of(palette));
  append_chunk(out, "IDAT", deflate_runs(labels.labels, labels.width));
  append_chunk(out, "IEND", {});
  return out;
}

}  // namespace fcngraph::data
