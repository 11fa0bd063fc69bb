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

bool encode(Encoder& e, const Image& image) {
  e.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &e, on_error, on_warning);
  if (e.png == nullptr) return false;
  e.info = png_create_info_struct(e.png);
  if (e.info == nullptr) return false;
  if (setjmp(png_jmpbuf(e.png))) return false;
  png_set_write_fn(e.png, &e, on_write, on_flush);
  png_set_compression_level(e.png, 6);
  png_set_IHDR(e.png, e.info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(e.png, e.info);
  for (std::int64_t y = 0; y < image.height; ++y) png_write_row(e.png, image.at(y, 0));
  png_write_end(e.png, e.info);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_png(const Image& image) {
  FCNGRAPH_ASSERT(
      static_cast<std::int64_t>(image.pixels.size()) == image.height * image.width * 3 && image.channels == 3,
      "an RGB image");
  Encoder e;
  if (!encode(e, image)) throw GraphError(fmt::format("image cannot be written as PNG: {}", e.message));
  return std::move(e.bytes);
}

}  // namespace fcngraph::data
