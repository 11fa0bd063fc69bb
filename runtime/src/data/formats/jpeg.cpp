// SPDX-License-Identifier: Apache-2.0
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include <jerror.h>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"

namespace fcngraph::data {
namespace {

// One bit of DC an 8x8 block is the least that a scan can spend; the margin covers odd sampling factors.
constexpr std::int64_t kMaxPixelsPerByte = 2048;

struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
  std::int64_t warnings;
  bool hit_end;  // the file ended before its image did
};

void on_error(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->message);
  std::longjmp(manager->jump, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  ++manager->warnings;
  if (info->err->msg_code == JWRN_JPEG_EOF) manager->hit_end = true;
}

void on_output(j_common_ptr) {}

void install(ErrorManager& manager, jpeg_error_mgr*& slot) {
  slot = jpeg_std_error(&manager.base);
  manager.base.error_exit = on_error;
  manager.base.emit_message = on_message;
  manager.base.output_message = on_output;
  manager.message[0] = '\0';
  manager.warnings = 0;
  manager.hit_end = false;
}

// libjpeg leaves through longjmp, which runs no destructors: the functions that call setjmp own nothing but plain data,
// and what must be freed belongs to these two.
struct Decoder {
  jpeg_decompress_struct info{};
  ErrorManager errors{};
  bool created = false;
  ~Decoder() {
    if (created) jpeg_destroy_decompress(&info);
  }
};

bool read_header(Decoder& d, Bytes bytes) {
  install(d.errors, d.info.err);
  if (setjmp(d.errors.jump)) return false;
  jpeg_create_decompress(&d.info);
  d.created = true;
  jpeg_mem_src(&d.info, bytes.data(), bytes.size());
  jpeg_read_header(&d.info, TRUE);
  const bool four = d.info.jpeg_color_space == JCS_CMYK || d.info.jpeg_color_space == JCS_YCCK;
  d.info.out_color_space = four ? JCS_CMYK : JCS_RGB;
  return true;
}

bool reduce(Decoder& d, unsigned int reduction) {
  if (setjmp(d.errors.jump)) return false;
  d.info.scale_num = 1;
  d.info.scale_denom = reduction;
  jpeg_calc_output_dimensions(&d.info);
  return true;
}

bool read_rows(Decoder& d, std::uint8_t* pixels, std::size_t row_bytes) {
  if (setjmp(d.errors.jump)) return false;
  jpeg_start_decompress(&d.info);
  while (d.info.output_scanline < d.info.output_height) {
    JSAMPROW row = pixels + d.info.output_scanline * row_bytes;
    jpeg_read_scanlines(&d.info, &row, 1);
    if (d.errors.hit_end) return false;
  }
  jpeg_finish_decompress(&d.info);
  return true;
}

[[noreturn]] void fail(const std::string& path, const Decoder& d) {
  if (d.errors.hit_end) throw IoError(path, "JPEG is truncated: the file ends before its image does");
  throw IoError(path, fmt::format("JPEG is damaged: {}", d.errors.message));
}

// Adobe writes CMYK inverted, and so does nearly everybody after it.
void cmyk_to_rgb(const std::vector<std::uint8_t>& cmyk, std::vector<std::uint8_t>& rgb, bool inverted) {
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const int flip = inverted ? 0 : 255;
    const int key = cmyk[4 * i + 3] ^ flip;
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[3 * i + c] = static_cast<std::uint8_t>(((cmyk[4 * i + c] ^ flip) * key + 127) / 255);
    }
  }
}

}  // namespace

ImageSize size_of_jpeg(const std::string& path, Bytes bytes) {
  Decoder d;
  if (!read_header(d, bytes)) fail(path, d);
  return {static_cast<std::int64_t>(d.info.image_height), static_cast<std::int64_t>(d.info.image_width)};
}

Image decode_jpeg(const std::string& path, Bytes bytes, const ReductionRule& rule, std::vector<std::uint8_t> memory) {
  Decoder d;
  if (!read_header(d, bytes)) fail(path, d);
  const ImageSize file{static_cast<std::int64_t>(d.info.image_height), static_cast<std::int64_t>(d.info.image_width)};
  check_declared_size(path, file.height, file.width, bytes.size(), kMaxPixelsPerByte);
  const std::int64_t reduction = rule ? rule(file) : 1;
  if (reduction != 1 && reduction != 2 && reduction != 4 && reduction != 8)
    throw GraphError(fmt::format("reduction by {} is not known, expected 1, 2, 4 or 8", reduction));
  if (!reduce(d, static_cast<unsigned int>(reduction))) fail(path, d);
  const auto height = static_cast<std::int64_t>(d.info.output_height);
  const auto width = static_cast<std::int64_t>(d.info.output_width);
  Image image;
  image.height = height;
  image.width = width;
  image.pixels = std::move(memory);
  image.pixels.resize(static_cast<std::size_t>(height * width * 3));
  image.reduction = reduction;
  if (reduction > 1) image.reduced_from = file;
  if (d.info.out_color_space == JCS_CMYK) {
    std::vector<std::uint8_t> cmyk(static_cast<std::size_t>(height * width * 4));
    if (!read_rows(d, cmyk.data(), static_cast<std::size_t>(width * 4))) fail(path, d);
    cmyk_to_rgb(cmyk, image.pixels, d.info.saw_Adobe_marker);
  } else if (!read_rows(d, image.pixels.data(), static_cast<std::size_t>(width * 3))) {
    fail(path, d);
  }
  image.decoder_warnings = d.errors.warnings;
  return image;
}

namespace {

struct Encoder {
  jpeg_compress_struct info{};
  ErrorManager errors{};
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  bool created = false;
  ~Encoder() {
    if (created) jpeg_destroy_compress(&info);
    std::free(buffer);
  }
};

bool encode(Encoder& e, const Image& image, int quality) {
  install(e.errors, e.info.err);
  if (setjmp(e.errors.jump)) return false;
  jpeg_create_compress(&e.info);
  e.created = true;
  jpeg_mem_dest(&e.info, &e.buffer, &e.size);
  e.info.image_width = static_cast<JDIMENSION>(image.width);
  e.info.image_height = static_cast<JDIMENSION>(image.height);
  e.info.input_components = 3;
  e.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&e.info);
  jpeg_set_quality(&e.info, quality, TRUE);
  e.info.comp_info[0].h_samp_factor = e.info.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&e.info, TRUE);
  while (e.info.next_scanline < e.info.image_height) {
    JSAMPROW row =
        const_cast<JSAMPROW>(image.at(e.info.next_scanline, 0));  // libjpeg's input is not const, but unchanged
    jpeg_write_scanlines(&e.info, &row, 1);
  }
  jpeg_finish_compress(&e.info);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  Encoder e;
  if (!encode(e, image, quality))
    throw GraphError(fmt::format("image cannot be written as JPEG: {}", e.errors.message));
  return {e.buffer, e.buffer + e.size};
}

}  // namespace fcngraph::data
