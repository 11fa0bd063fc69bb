// SPDX-License-Identifier: Apache-2.0
#include <csetjmp>
#include <cstring>

#include <png.h>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"

namespace fcngraph::data {
namespace {

// Deflate expands a byte to at most 1032, and a byte holds at most 8 pixels of one bit.
constexpr std::int64_t kMaxInflation = 1040;

// libpng leaves through longjmp, which runs no destructors: the functions that call setjmp own nothing but plain
// data, and what must be freed belongs to this.
struct Decoder {
  png_structp png = nullptr;
  png_infop info = nullptr;
  Bytes bytes;
  std::size_t position = 0;
  bool hit_end = false;
  std::int64_t warnings = 0;
  char message[256] = "";
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

void on_error(png_structp png, png_const_charp message) {
  auto* d = static_cast<Decoder*>(png_get_error_ptr(png));
  std::strncpy(d->message, message, sizeof d->message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp png, png_const_charp) { ++static_cast<Decoder*>(png_get_error_ptr(png))->warnings; }

void on_read(png_structp png, png_bytep target, std::size_t count) {
  auto* d = static_cast<Decoder*>(png_get_io_ptr(png));
  if (count > d->bytes.size() - d->position) {
    d->hit_end = true;
    png_error(png, "unexpected end of file");
  }
  std::memcpy(target, d->bytes.data() + d->position, count);
  d->position += count;
}

bool read_header(Decoder& d) {
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, on_error, on_warning);
  if (d.png == nullptr) return false;
  d.info = png_create_info_struct(d.png);
  if (d.info == nullptr) return false;
  if (setjmp(png_jmpbuf(d.png))) return false;
  png_set_read_fn(d.png, &d, on_read);
  png_set_user_limits(d.png, 0x7fffffff, 0x7fffffff);  // check_declared_size has our own limit and says it better
  png_read_info(d.png, d.info);
  return true;
}

void expand_to_rgb(Decoder& d) {
  const auto type = png_get_color_type(d.png, d.info);
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(d.png);
  if (type == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(d.png, d.info) < 8) png_set_expand_gray_1_2_4_to_8(d.png);
  if (type == PNG_COLOR_TYPE_GRAY || type == PNG_COLOR_TYPE_GRAY_ALPHA) png_set_gray_to_rgb(d.png);
  if (png_get_bit_depth(d.png, d.info) == 16) png_set_scale_16(d.png);
  png_set_strip_alpha(d.png);
}

bool read_rows(Decoder& d, bool values, png_bytep pixels, std::size_t row_bytes) {
  if (setjmp(png_jmpbuf(d.png))) return false;
  if (values) {
    png_set_packing(d.png);  // a byte a pixel, unscaled
    png_set_strip_alpha(d.png);
  } else {
    expand_to_rgb(d);
  }
  const int passes = png_set_interlace_handling(d.png);
  png_read_update_info(d.png, d.info);
  if (png_get_rowbytes(d.png, d.info) != row_bytes) png_error(d.png, "rows of an unexpected length");
  const auto height = png_get_image_height(d.png, d.info);
  for (int pass = 0; pass < passes; ++pass) {
    for (png_uint_32 y = 0; y < height; ++y) png_read_row(d.png, pixels + y * row_bytes, nullptr);
  }
  png_read_end(d.png, nullptr);
  return true;
}

[[noreturn]] void fail(const std::string& path, const Decoder& d) {
  if (d.hit_end) throw IoError(path, "PNG is truncated: the file ends before its image does");
  throw IoError(path, fmt::format("PNG is damaged: {}", d.message));
}

void open(const std::string& path, Bytes bytes, Decoder& d) {
  d.bytes = bytes;
  if (!read_header(d)) fail(path, d);
  const auto bits = png_get_bit_depth(d.png, d.info) * png_get_channels(d.png, d.info);
  check_declared_size(path, png_get_image_height(d.png, d.info), png_get_image_width(d.png, d.info), bytes.size(),
                      bits >= 8 ? kMaxInflation : kMaxInflation * 8 / bits);
}

Image read(const std::string& path, Decoder& d, bool values, std::int64_t channels) {
  Image image;
  image.height = png_get_image_height(d.png, d.info);
  image.width = png_get_image_width(d.png, d.info);
  image.channels = channels;
  image.pixels.resize(static_cast<std::size_t>(image.height * image.width * channels));
  if (!read_rows(d, values, image.pixels.data(), static_cast<std::size_t>(image.width * channels))) fail(path, d);
  image.decoder_warnings = d.warnings;
  return image;
}

}  // namespace

ImageSize size_of_png(const std::string& path, Bytes bytes) {
  Decoder d;
  open(path, bytes, d);
  return {png_get_image_height(d.png, d.info), png_get_image_width(d.png, d.info)};
}

Image decode_png(const std::string& path, Bytes bytes) {
  Decoder d;
  open(path, bytes, d);
  return read(path, d, false, 3);
}

Image decode_png_values(const std::string& path, Bytes bytes) {
  Decoder d;
  open(path, bytes, d);
  if (png_get_bit_depth(d.png, d.info) == 16) {
    throw IoError(path, "mask has 16 bits a channel, expected label values of at most 8 bits");
  }
  const bool color = png_get_color_type(d.png, d.info) == PNG_COLOR_TYPE_RGB ||
                     png_get_color_type(d.png, d.info) == PNG_COLOR_TYPE_RGB_ALPHA;
  return read(path, d, true, color ? 3 : 1);
}

}  // namespace fcngraph::data
