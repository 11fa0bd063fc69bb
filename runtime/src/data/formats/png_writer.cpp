// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <new>

#include <png.h>
#include <zlib.h>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"

namespace fcngraph::data {
namespace {

struct Encoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::vector<std::uint8_t> bytes;
  bool out_of_memory = false;
  char message[256] = "";
  ~Encoder() { png_destroy_write_struct(&png, &info); }
};

void on_error(png_structp png, png_const_charp message) {
  std::strncpy(static_cast<Encoder*>(png_get_error_ptr(png))->message, message, sizeof Encoder::message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_write(png_structp png, png_bytep source, std::size_t count) {
  auto* e = static_cast<Encoder*>(png_get_io_ptr(png));
  try {
    e->bytes.insert(e->bytes.end(), source, source + count);
  } catch (const std::bad_alloc&) {
    e->out_of_memory = true;
  }
  if (e->out_of_memory) png_error(png, "out of memory");
}

void on_flush(png_structp) {}

struct Rows {
  std::int64_t height, width, channels;
  const std::uint8_t* pixels;
  const png_color* palette;
  int colors;
};

bool encode(Encoder& e, const Rows& rows) {
  e.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &e, on_error, on_warning);
  if (e.png == nullptr) return false;
  e.info = png_create_info_struct(e.png);
  if (e.info == nullptr) return false;
  if (setjmp(png_jmpbuf(e.png))) return false;
  png_set_write_fn(e.png, &e, on_write, on_flush);
  png_set_compression_level(e.png, 6);
  png_set_IHDR(e.png, e.info, static_cast<png_uint_32>(rows.width), static_cast<png_uint_32>(rows.height), 8,
               rows.palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (rows.palette != nullptr) {
    // Labels are runs: no search for anything else makes them smaller, and it takes six times as long.
    png_set_compression_strategy(e.png, Z_RLE);
    png_set_PLTE(e.png, e.info, rows.palette, rows.colors);
  }
  png_write_info(e.png, e.info);
  for (std::int64_t y = 0; y < rows.height; ++y) png_write_row(e.png, rows.pixels + y * rows.width * rows.channels);
  png_write_end(e.png, e.info);
  return true;
}

std::vector<std::uint8_t> run(const Rows& rows) {
  Encoder e;
  if (!encode(e, rows)) throw GraphError(fmt::format("image cannot be written as PNG: {}", e.message));
  return std::move(e.bytes);
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image) {
  FCNGRAPH_ASSERT(
      static_cast<std::int64_t>(image.pixels.size()) == image.height * image.width * 3 && image.channels == 3,
      "an RGB image");
  return run({image.height, image.width, 3, image.pixels.data(), nullptr, 0});
}

std::vector<std::uint8_t> encode_png(const LabelMap& labels, std::span<const Color> palette) {
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(labels.labels.size()) == labels.height * labels.width, "a label a pixel");
  // A full table, so that any label has an entry: grey where the palette ends, white for what is ignored.
  std::array<png_color, 256> colors;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    colors[i] = i < palette.size() ? png_color{palette[i].r, palette[i].g, palette[i].b} : png_color{128, 128, 128};
  }
  if (palette.size() <= kIgnore) colors[kIgnore] = png_color{255, 255, 255};
  return run({labels.height, labels.width, 1, labels.labels.data(), colors.data(), 256});
}

}  // namespace fcngraph::data
