// SPDX-License-Identifier: Apache-2.0
#include <set>

#include <doctest/doctest.h>

#include <fcngraph/image.h>

#include "data/pictures/bitmap_font.h"
#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;

namespace {

Color color_at(const Image& image, std::int64_t y, std::int64_t x) {
  const auto* p = image.at(y, x);
  return {p[0], p[1], p[2]};
}

std::int64_t pixels_of(const Image& image, Color color) {
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < image.width; ++x) count += color_at(image, y, x) == color ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("an overlay blends colours and leaves ignored pixels alone") {
  auto image = make_image(1, 3);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{100});
  LabelMap labels{1, 3, {0, 1, kIgnore}};
  const Palette palette = {{200, 0, 100}, {0, 0, 0}};
  const auto blended = overlay(image, labels, palette, 0.6);
  CHECK(color_at(blended, 0, 0) == Color{160, 40, 100});
  CHECK(color_at(blended, 0, 1) == Color{40, 40, 40});
  CHECK(color_at(blended, 0, 2) == Color{100, 100, 100});
  CHECK(overlay(image, labels, palette, 0).pixels == image.pixels);
  CHECK(color_at(colorize(labels, palette), 0, 0) == palette[0]);
  labels = make_labels(2, 3);
  CHECK(message_of([&] { overlay(image, labels, palette); }) == "labels are 3x2, expected the image's 3x1");
}

TEST_CASE("a legend shows every class, in as many columns as fit") {
  const Palette palette = {{250, 10, 10}, {10, 250, 10}, {10, 10, 250}};
  const std::vector<std::string> names = {"sky", "road", "pedestrian"};
  for (const std::int64_t width : {4, 90, 400}) {
    const auto image = make_image(10, width);
    const auto picture = overlay(image, make_labels(10, width, kIgnore), palette, 0.5, names);
    CHECK(picture.height > 10);
    CHECK(picture.width >= width);
    for (const auto& color : palette) CHECK(pixels_of(picture, color) == 49);
  }
  CHECK(overlay(make_image(10, 400), make_labels(10, 400), palette, 0.5, names).height <
        overlay(make_image(10, 90), make_labels(10, 90), palette, 0.5, names).height);
}

TEST_CASE("panels stand side by side under their titles") {
  const auto a = noise_image(20, 30, 1), b = noise_image(24, 10, 2);
  const std::vector<Panel> panels = {{"image", a}, {"truth", b}};
  const auto picture = side_by_side(panels);
  CHECK(picture.width > 40);
  CHECK(picture.height > 24);
  bool found = false;
  for (std::int64_t y = 0; y + 20 <= picture.height; ++y) {
    for (std::int64_t x = 0; x + 30 <= picture.width; ++x) {
      bool same = true;
      for (std::int64_t row = 0; row < 20 && same; ++row)
        same = std::equal(a.at(row, 0), a.at(row, 0) + 90, picture.at(y + row, x));
      found = found || same;
    }
  }
  CHECK(found);
  CHECK(side_by_side({}).height > 0);
}

TEST_CASE("text is drawn, and cut off at the edges") {
  auto image = make_image(7, 20);
  data::draw_text(image, 0, 0, "I", {9, 9, 9});
  CHECK(color_at(image, 0, 2) == Color{9, 9, 9});
  CHECK(color_at(image, 3, 0) == Color{});
  data::draw_text(image, -3, -4, "Wide text with \x01 and \xc3\xa4", {1, 1, 1});
  data::draw_text(image, 100, 100, "off", {1, 1, 1});
  CHECK(data::text_width("abc") == 17);
  CHECK(data::text_width("") == 0);
}

TEST_CASE("palettes are the usual ones") {
  const auto voc = voc_palette();
  CHECK(voc.size() == 21);
  CHECK(voc[0] == Color{0, 0, 0});
  CHECK(voc[1] == Color{128, 0, 0});
  CHECK(voc[15] == Color{192, 128, 128});  // person
  CHECK(voc[20] == Color{0, 64, 128});
  CHECK(voc_palette(256)[255] == Color{224, 224, 192});
  CHECK(camvid_palette().size() == 11);
  CHECK(camvid_palette()[3] == Color{128, 64, 128});
  CHECK(inferno_palette(4).front() == Color{0, 0, 4});
  CHECK(inferno_palette(4).back() == Color{252, 255, 164});
  for (const std::int64_t classes : {1, 2, 4, 21, 200}) {
    std::set<std::uint32_t> distinct;
    for (const auto& c : default_palette(classes))
      distinct.insert(static_cast<std::uint32_t>(c.r << 16 | c.g << 8 | c.b));
    CHECK(static_cast<std::int64_t>(distinct.size()) == classes);
  }
  CHECK(palette_by_name("camvid", 12).back() == Color{0, 0, 0});
  CHECK(palette_by_name("pets", 4).front() == Color{0, 0, 0});
  CHECK(says(message_of([] { palette_by_name("jet", 3); }), "palette 'jet' is unknown"));
  CHECK_THROWS_AS(palette_by_name("pets", 5), GraphError);
  CHECK_THROWS_AS(voc_palette(257), GraphError);
}
