// SPDX-License-Identifier: Apache-2.0
#include "data/resize.h"

#include <cmath>

#include <doctest/doctest.h>

#include "pictures.h"

using namespace fcngraph;

namespace {

std::vector<float> row_of(std::vector<std::uint8_t> values, std::int64_t count) {
  std::vector<float> out(static_cast<std::size_t>(count));
  const auto size = static_cast<std::int64_t>(values.size());
  data::resample_row(values.data(), 1, data::bilinear_taps(size, {0, static_cast<float>(size)}, count), out.data());
  return out;
}

// The formula as it is written, a pixel at a time, in double precision.
double bilinear_at(const Image& image, double y, double x, std::int64_t c) {
  const auto clamp = [](double v, std::int64_t n) { return std::min<std::int64_t>(std::max<std::int64_t>(static_cast<std::int64_t>(v), 0), n - 1); };
  const double wy = y - std::floor(y), wx = x - std::floor(x);
  const auto y0 = clamp(std::floor(y), image.height), y1 = clamp(std::ceil(y), image.height);
  const auto x0 = clamp(std::floor(x), image.width), x1 = clamp(std::ceil(x), image.width);
  const double a = std::lerp<double>(image.at(y0, x0)[c], image.at(y0, x1)[c], wx);
  const double b = std::lerp<double>(image.at(y1, x0)[c], image.at(y1, x1)[c], wx);
  return std::lerp(a, b, wy);
}

}  // namespace

TEST_CASE("bilinear resizing has half-pixel centres, clamped edges and no antialiasing") {
  CHECK(row_of({0, 100}, 4) == std::vector<float>{0, 25, 75, 100});
  CHECK(row_of({10, 20, 30}, 3) == std::vector<float>{10, 20, 30});
  CHECK(row_of({0, 100, 200, 40}, 2) == std::vector<float>{50, 120});
  CHECK(row_of({1, 2, 3, 4, 5, 6, 7, 8, 9}, 3) == std::vector<float>{2, 5, 8});  // two taps a pixel: 1, 3, 4 ... are not read
  CHECK(row_of({7}, 3) == std::vector<float>{7, 7, 7});
}

TEST_CASE("bilinear resizing agrees with its formula") {
  const auto image = noise_image(17, 23, 3);
  for (const auto& [height, width] : {std::pair<std::int64_t, std::int64_t>{40, 11}, {5, 60}, {17, 23}, {1, 1}}) {
    const auto resized = data::resize_bilinear(image, height, width);
    double worst = 0;
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const double sy = (static_cast<double>(y) + 0.5) * 17 / static_cast<double>(height) - 0.5;
        const double sx = (static_cast<double>(x) + 0.5) * 23 / static_cast<double>(width) - 0.5;
        for (std::int64_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(resized.at(y, x)[c] - bilinear_at(image, sy, sx, c)));
      }
    }
    CHECK(worst <= 0.502);  // half a level of rounding, and what f32 loses
  }
}

TEST_CASE("labels are resized by the nearest pixel and never mixed") {
  LabelMap map = make_labels(1, 4);
  map.labels = {1, 9, 1, 255};
  CHECK(data::resize_nearest(map, 1, 8).labels == std::vector<std::uint8_t>{1, 1, 9, 9, 1, 1, 255, 255});
  CHECK(data::resize_nearest(map, 1, 2).labels == std::vector<std::uint8_t>{9, 255});
  const auto labels = noise_labels(13, 29, 3, 1);
  CHECK(data::resize_nearest(labels, 13, 29).labels == labels.labels);
}
