// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/image.h>

#include <png.h>

#include <cstdio>

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>

#include "atomic_file.h"
#include "data/formats/codecs.h"
#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;

namespace {

// A PNG of any colour type, depth and interlacing, rows already packed.
void write_png(const std::string& path, int width, int height, int depth, int type, std::vector<std::uint8_t> rows,
               bool interlaced = false) {
  auto* png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  auto* info = png_create_info_struct(png);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  png_init_io(png, file);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), depth, type,
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  const png_color palette[] = {{10, 20, 30}, {40, 50, 60}, {70, 80, 90}, {100, 110, 120}};
  if (type == PNG_COLOR_TYPE_PALETTE) png_set_PLTE(png, info, palette, 4);
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (int y = 0; y < height; ++y)
    pointers.push_back(rows.data() + static_cast<std::size_t>(y) * rows.size() / static_cast<std::size_t>(height));
  png_write_image(png, pointers.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
}

using Bytes = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("an image survives PNG bit for bit") {
  const TemporaryFolder folder;
  for (const auto& [height, width] : {std::pair{1, 1}, {7, 5}, {64, 33}}) {
    const auto image = noise_image(height, width, 1);
    save_image(folder / "a.png", image);
    const auto back = load_image(folder / "a.png");
    CHECK(back.height == height);
    CHECK(back.width == width);
    CHECK(back.channels == 3);
    CHECK(back.pixels == image.pixels);
    CHECK(back.decoder_warnings == 0);
  }
}

TEST_CASE("every colour type of PNG becomes RGB") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  SUBCASE("grey, 1 bit") {
    write_png(path, 4, 1, 1, PNG_COLOR_TYPE_GRAY, {0b01010000});
    CHECK(load_image(path).pixels == Bytes{0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255});
  }
  SUBCASE("grey, 2 bits") {
    write_png(path, 2, 1, 2, PNG_COLOR_TYPE_GRAY, {0b01110000});
    CHECK(load_image(path).pixels == Bytes{85, 85, 85, 255, 255, 255});
  }
  SUBCASE("grey, 16 bits") {
    write_png(path, 2, 1, 16, PNG_COLOR_TYPE_GRAY, {0xff, 0xff, 0x80, 0x00});
    CHECK(load_image(path).pixels == Bytes{255, 255, 255, 128, 128, 128});
  }
  SUBCASE("grey and alpha") {
    write_png(path, 2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA, {9, 0, 8, 255});
    CHECK(load_image(path).pixels == Bytes{9, 9, 9, 8, 8, 8});
  }
  SUBCASE("RGB and alpha, which is dropped and not blended") {
    write_png(path, 2, 1, 8, PNG_COLOR_TYPE_RGB_ALPHA, {1, 2, 3, 0, 4, 5, 6, 100});
    CHECK(load_image(path).pixels == Bytes{1, 2, 3, 4, 5, 6});
  }
  SUBCASE("RGB, 16 bits") {
    write_png(path, 1, 1, 16, PNG_COLOR_TYPE_RGB, {0x12, 0x12, 0x34, 0x34, 0xff, 0xff});
    CHECK(load_image(path).pixels == Bytes{0x12, 0x34, 0xff});
  }
  SUBCASE("palette, 2 bits") {
    write_png(path, 2, 1, 2, PNG_COLOR_TYPE_PALETTE, {0b11010000});
    CHECK(load_image(path).pixels == Bytes{100, 110, 120, 40, 50, 60});
  }
  SUBCASE("interlaced") {
    const auto image = noise_image(13, 9, 4);
    write_png(path, 9, 13, 8, PNG_COLOR_TYPE_RGB, image.pixels, true);
    CHECK(load_image(path).pixels == image.pixels);
  }
}

TEST_CASE("a mask gives stored values, never colours") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  SUBCASE("palette, 8 bits") {
    write_png(path, 3, 1, 8, PNG_COLOR_TYPE_PALETTE, {3, 0, 2});
    CHECK(load_label_map(path).labels == Bytes{3, 0, 2});
  }
  SUBCASE("palette, 2 bits") {
    write_png(path, 3, 1, 2, PNG_COLOR_TYPE_PALETTE, {0b11000100});
    CHECK(load_label_map(path).labels == Bytes{3, 0, 1});
  }
  SUBCASE("grey, 1, 2, 4 and 8 bits are not scaled") {
    write_png(path, 3, 1, 1, PNG_COLOR_TYPE_GRAY, {0b10100000});
    CHECK(load_label_map(path).labels == Bytes{1, 0, 1});
    write_png(path, 3, 1, 2, PNG_COLOR_TYPE_GRAY, {0b10110100});
    CHECK(load_label_map(path).labels == Bytes{2, 3, 1});
    write_png(path, 3, 1, 4, PNG_COLOR_TYPE_GRAY, {0x1f, 0x70});
    CHECK(load_label_map(path).labels == Bytes{1, 15, 7});
    write_png(path, 3, 1, 8, PNG_COLOR_TYPE_GRAY, {11, 255, 0});
    CHECK(load_label_map(path).labels == Bytes{11, 255, 0});
  }
  SUBCASE("16 bits are refused") {
    write_png(path, 1, 1, 16, PNG_COLOR_TYPE_GRAY, {0, 1});
    CHECK(says(message_of([&] { load_label_map(path); }), "16 bits"));
  }
}

TEST_CASE("a mask of colours needs a colour map") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  write_png(path, 2, 2, 8, PNG_COLOR_TYPE_RGB, {0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 128, 1});
  CHECK(says(message_of([&] { load_label_map(path); }), "mask holds RGB colours"));
  const Palette two = {{0, 0, 0}, {128, 0, 0}};
  CHECK(message_of([&] { load_label_map(path, two); }) ==
        path + ": pixel (1, 1) has colour (0, 128, 1), which the colour map does not hold");
  const Palette three = {{0, 0, 0}, {128, 0, 0}, {0, 128, 1}};
  CHECK(load_label_map(path, three).labels == Bytes{0, 1, 0, 2});
}

TEST_CASE("labels survive a palette PNG, with and without a palette") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  auto labels = noise_labels(9, 14, 11, 2);
  labels.labels[3] = kIgnore;
  save_labels(path, labels);
  CHECK(load_label_map(path).labels == labels.labels);
  save_labels(path, labels, camvid_palette());
  CHECK(load_label_map(path).labels == labels.labels);
  const auto seen = load_image(path);
  const auto color = camvid_palette()[labels.labels[0]];
  CHECK(Bytes(seen.at(0, 0), seen.at(0, 0) + 3) == Bytes{color.r, color.g, color.b});
  CHECK(Bytes(seen.at(0, 3), seen.at(0, 3) + 3) == Bytes{255, 255, 255});
}

TEST_CASE("labels survive a palette PNG, whatever runs they are made of") {
  const TemporaryFolder folder;
  const auto path = folder / "a.png";
  const auto check = [&](const LabelMap& labels) {
    save_labels(path, labels, camvid_palette());
    const LabelMap back = load_label_map(path);
    CHECK(back.width == labels.width);
    CHECK(back.labels == labels.labels);
    CHECK(load_image(path).decoder_warnings == 0);
  };
  for (const std::uint8_t label : {std::uint8_t{0}, std::uint8_t{7}, kIgnore}) {
    for (const std::int64_t width : {1, 2, 3, 4, 8, 9, 257, 258, 259, 260, 261, 262, 519, 1000})
      check(make_labels(3, width, label));
  }
  // Runs of every length up to more than one match, of labels that come often, seldom and never twice.
  LabelMap labels = make_labels(400, 401);
  std::size_t at = 0;
  for (std::size_t length = 1; at < labels.labels.size(); ++length) {
    for (std::size_t i = 0; i < length && at < labels.labels.size(); ++i)
      labels.labels[at++] = static_cast<std::uint8_t>(length * length % 251);
  }
  check(labels);
  check(noise_labels(61, 67, 256, 3));
  check(noise_labels(300, 301, 3, 4));
}

TEST_CASE("a label map of one class takes next to no room") {
  const auto bytes = data::encode_png(make_labels(3000, 4000), camvid_palette());
  CHECK(bytes.size() < 16'000);
}

TEST_CASE("a JPEG is near to what was written, grey or in colour") {
  const TemporaryFolder folder;
  auto image = make_image(24, 40);
  for (std::int64_t y = 0; y < 24; ++y) {
    for (std::int64_t x = 0; x < 40; ++x) {
      image.at(y, x)[0] = static_cast<std::uint8_t>(x * 6);
      image.at(y, x)[1] = static_cast<std::uint8_t>(y * 10);
      image.at(y, x)[2] = 77;
    }
  }
  const auto bytes = data::encode_jpeg(image, 98);
  write_file(folder / "named.png", std::as_bytes(std::span(bytes)));  // the name says nothing
  const auto back = load_image(folder / "named.png");
  REQUIRE(back.pixels.size() == image.pixels.size());
  int worst = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    worst = std::max(worst, std::abs(image.pixels[i] - back.pixels[i]));
  CHECK(worst <= 6);
}

TEST_CASE("a BMP is read in either direction, 24 and 32 bits") {
  const TemporaryFolder folder;
  const auto header = [](int width, int height, int bits, std::size_t data) {
    std::string text(54, '\0');
    const auto put = [&](std::size_t at, std::uint32_t value) {
      for (std::size_t i = 0; i < 4; ++i) text[at + i] = static_cast<char>(value >> (8 * i));
    };
    text[0] = 'B';
    text[1] = 'M';
    put(2, static_cast<std::uint32_t>(54 + data));
    put(10, 54);
    put(14, 40);
    put(18, static_cast<std::uint32_t>(width));
    put(22, static_cast<std::uint32_t>(height));
    put(26, 1U | static_cast<std::uint32_t>(bits) << 16);
    return text;
  };
  const std::string lower("\x01\x02\x03\x04\x05\x06\0\0", 8), upper("\x07\x08\x09\x0a\x0b\x0c\0\0", 8);
  const Bytes expected = {9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4};
  CHECK(load_image(folder.put("up.bmp", header(2, 2, 24, 16) + lower + upper)).pixels == expected);
  CHECK(load_image(folder.put("down.bmp", header(2, -2, 24, 16) + upper + lower)).pixels == expected);
  CHECK(load_image(folder.put("four.bmp", header(1, 1, 32, 4) + "\x01\x02\x03\x04")).pixels == Bytes{3, 2, 1});
  CHECK(says(message_of([&] { load_image(folder.put("cut.bmp", header(2, 2, 24, 16) + lower)); }), "truncated"));
  CHECK(says(message_of([&] { load_image(folder.put("pal.bmp", header(2, 2, 8, 16) + lower)); }), "8 bits a pixel"));
  CHECK(
      says(message_of([&] { load_image(folder.put("lie.bmp", header(10000, 10000, 24, 0) + lower)); }), "10000x10000"));
  CHECK(says(message_of([&] { load_image(folder.put("huge.bmp", header(0x7fffffff, 0x7fffffff, 24, 0) + lower)); }),
             "too large"));
  CHECK(says(message_of([&] { load_image(folder.put("none.bmp", header(0, 4, 24, 0) + lower)); }), "no pixels"));
  CHECK(
      says(message_of([&] { load_image(folder.put("least.bmp", header(1, INT32_MIN, 24, 0) + lower)); }), "too large"));
}

TEST_CASE("sizes out of range are refused before memory is asked for") {
  CHECK_THROWS_AS(make_image(-1, 4), GraphError);
  CHECK_THROWS_AS(make_image(1 << 20, 1 << 20), GraphError);
  CHECK_THROWS_AS(make_labels(INT64_MAX, INT64_MAX), GraphError);
  CHECK(make_image(0, 0).pixels.empty());
}
