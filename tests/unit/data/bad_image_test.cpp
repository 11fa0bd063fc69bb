// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/image.h>

#include "atomic_file.h"
#include "data/formats/codecs.h"
#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;

namespace {

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

// The CRC of a PNG chunk, so that a header can lie without being damaged.
std::uint32_t crc_of(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

std::string big32(std::uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
  return text;
}

std::string png_that_declares(std::string png, std::uint32_t width, std::uint32_t height) {
  png.replace(16, 8, big32(width) + big32(height));
  png.replace(29, 4, big32(crc_of(std::string_view(png).substr(12, 17))));
  return png;
}

// Height and width of the frame header, which starts with ff c0.
std::string jpeg_that_declares(std::string jpeg, int width, int height) {
  const auto at = jpeg.find("\xff\xc0");
  jpeg[at + 5] = static_cast<char>(height >> 8);
  jpeg[at + 6] = static_cast<char>(height);
  jpeg[at + 7] = static_cast<char>(width >> 8);
  jpeg[at + 8] = static_cast<char>(width);
  return jpeg;
}

}  // namespace

TEST_CASE("a file that is no image says what it is") {
  const TemporaryFolder folder;
  const auto load = [](const std::string& path) { return message_of([&] { load_image(path); }); };
  const auto expected = std::string(": expected a JPEG, PNG or BMP image, got ");
  const auto none = folder / "none.jpg";
  CHECK(load(none) == none + ": no such file");
  CHECK(load(folder.path()) == folder.path() + ": expected a file, got a folder");
  const auto is = [&](const char* name, std::string_view bytes, const char* what) {
    const auto path = folder.put(name, bytes);
    CHECK(load(path) == path + expected + what);
    CHECK(says(message_of([&] { load_label_map(path); }), what));
  };
  is("empty.png", "", "an empty file");
  is("a.jpg", "GIF89a\1\0\1\0", "a GIF image");
  is("b.jpg", "hello, this is no picture\n", "a text file");
  is("c.jpg", std::string_view("RIFF\1\2\3\4WEBPVP8 ", 16), "a WebP image");
  is("d.jpg", std::string_view("II*\0\1\2", 6), "a TIFF image");
  is("e.jpg", std::string_view("\0\1\2\3\xfe", 5), "a file of unknown kind");
}

TEST_CASE("a truncated PNG is an error at every length") {
  const TemporaryFolder folder;
  const auto whole = text_of(data::encode_png(noise_image(20, 30, 5)));
  for (std::size_t length = 8; length < whole.size(); length += 1 + length / 8) {
    const auto path = folder.put("cut.png", whole.substr(0, length));
    const auto message = message_of([&] { load_image(path); });
    CAPTURE(length);
    CHECK(says(message, path));
    CHECK((says(message, "truncated") || says(message, "damaged")));
    CHECK(says(message_of([&] { load_label_map(path, camvid_palette()); }), path));
  }
}

TEST_CASE("a truncated JPEG is an error at every length") {
  const TemporaryFolder folder;
  const auto whole = text_of(data::encode_jpeg(noise_image(40, 60, 5), 80));
  for (std::size_t length = 3; length < whole.size() - 2; length += 1 + length / 8) {
    const auto path = folder.put("cut.jpg", whole.substr(0, length));
    const auto message = message_of([&] { load_image(path); });
    CAPTURE(length);
    CHECK(says(message, path));
    CHECK((says(message, "truncated") || says(message, "damaged")));
  }
}

TEST_CASE("damage that a JPEG decoder gets over is counted") {
  const TemporaryFolder folder;
  auto bytes = text_of(data::encode_jpeg(noise_image(40, 60, 5), 80));
  CHECK(load_image(folder.put("good.jpg", bytes)).decoder_warnings == 0);
  // "extraneous bytes before marker 0xd9", as some images of the Oxford pets have.
  bytes.insert(bytes.size() - 2, std::string(240, '\x11'));
  const auto image = load_image(folder.put("odd.jpg", bytes));
  CHECK(image.decoder_warnings == 1);
  CHECK(image.height == 40);
  // "premature end of data segment": the end marker comes before the data is complete.
  auto early = text_of(data::encode_jpeg(noise_image(40, 60, 5), 80));
  early = early.substr(0, early.size() - 200) + "\xff\xd9";
  CHECK(load_image(folder.put("early.jpg", early)).decoder_warnings > 0);
}

TEST_CASE("a header that lies about the size is refused before memory is asked for") {
  const TemporaryFolder folder;
  const auto load = [](const std::string& path) { return message_of([&] { load_image(path); }); };
  const auto png = text_of(data::encode_png(noise_image(4, 4, 1)));
  CHECK(says(load(folder.put("a.png", png_that_declares(png, 10000, 10000))), "declares 10000x10000, more than"));
  CHECK(says(load(folder.put("b.png", png_that_declares(png, 0x7fffffff, 0x7fffffff))), "too large"));
  CHECK(says(load(folder.put("c.png", png_that_declares(png, 100, 100))), "PNG is "));
  CHECK_FALSE(load(folder.put("d.png", png_that_declares(png, 0, 4))).empty());
  CHECK_FALSE(load(folder.put("e.png", png_that_declares(png, 0xffffffff, 4))).empty());
  const auto mask = folder.put("f.png", png_that_declares(png, 10000, 10000));
  CHECK(says(message_of([&] { load_label_map(mask); }), "10000x10000"));

  const auto jpeg = text_of(data::encode_jpeg(noise_image(16, 16, 1), 80));
  CHECK(says(load(folder.put("a.jpg", jpeg_that_declares(jpeg, 10000, 10000))), "declares 10000x10000, more than"));
  CHECK(says(load(folder.put("b.jpg", jpeg_that_declares(jpeg, 60000, 60000))), "too large"));
  CHECK_FALSE(load(folder.put("c.jpg", jpeg_that_declares(jpeg, 0, 16))).empty());
}

TEST_CASE("flipped bytes never do more than fail") {
  const TemporaryFolder folder;
  const std::string images[] = {text_of(data::encode_png(noise_image(12, 12, 1))),
                                text_of(data::encode_jpeg(noise_image(12, 12, 1), 80))};
  int failures = 0;
  for (const auto& image : images) {
    for (std::uint64_t trial = 0; trial < 300; ++trial) {
      auto bytes = image;
      const auto at = 8 + random_below(trial, 0, bytes.size() - 8);
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random_below(trial, 1, 255)));
      failures += message_of([&] { load_image(folder.put("x", bytes)); }).empty() ? 0 : 1;
    }
  }
  CHECK(failures > 300);  // a PNG's checksums find nearly all of theirs
}

TEST_CASE("a mask must not be a JPEG") {
  const TemporaryFolder folder;
  const auto path = folder.put("m.png", text_of(data::encode_jpeg(noise_image(8, 8, 1), 80)));
  CHECK(says(message_of([&] { load_label_map(path); }), "mask is a JPEG image"));
}
