// SPDX-License-Identifier: Apache-2.0
#include "data/placement.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "pictures.h"
#include "temporary_folder.h"

using namespace fcngraph;
using namespace fcngraph::data;
using dsl::ResizeMode;

namespace {

std::vector<std::uint8_t> placed(const Placement& p, const LabelMap& labels, bool flip = false) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(p.network.height * p.network.width), 77);
  p.place(labels, flip, out);
  return out;
}

}  // namespace

TEST_CASE("letterbox keeps the aspect, centres, and pads with zero and the ignored label") {
  const auto p = place(ResizeMode::letterbox, {2, 4}, {4, 4});
  CHECK(p.top == 1);
  CHECK(p.left == 0);
  CHECK(p.height == 2);
  CHECK(p.width == 4);
  std::vector<float> planes(48, -1);
  auto image = make_image(2, 4);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  p.place(image, Preprocess::caffe, false, planes);
  CHECK(planes[0] == 0);  // padding, although black would be -103.939
  CHECK(planes[4] == doctest::Approx(-103.939));
  CHECK(planes[16 + 4] == doctest::Approx(-116.779));
  CHECK(planes[12] == 0);
  LabelMap labels = make_labels(2, 4);
  labels.labels = {1, 2, 3, 4, 5, 6, 7, 8};
  constexpr std::uint8_t i = kIgnore;
  CHECK(placed(p, labels) == std::vector<std::uint8_t>{i, i, i, i, 1, 2, 3, 4, 5, 6, 7, 8, i, i, i, i});
  CHECK(placed(p, labels, true) == std::vector<std::uint8_t>{i, i, i, i, 4, 3, 2, 1, 8, 7, 6, 5, i, i, i, i});
}

TEST_CASE("crop takes the centre, stretch takes all, native stays at the top left") {
  LabelMap labels = make_labels(2, 4);
  labels.labels = {1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(placed(place(ResizeMode::crop, {2, 4}, {2, 2}), labels) == std::vector<std::uint8_t>{2, 3, 6, 7});
  CHECK(placed(place(ResizeMode::stretch, {2, 4}, {2, 2}), labels) == std::vector<std::uint8_t>{2, 4, 6, 8});
  constexpr std::uint8_t i = kIgnore;
  CHECK(placed(place(ResizeMode::native, {2, 4}, {3, 5}), labels) ==
        std::vector<std::uint8_t>{1, 2, 3, 4, i, 5, 6, 7, 8, i, i, i, i, i, i});
  CHECK(says(message_of([] { place(ResizeMode::native, {5, 4}, {4, 4}); }), "does not fit"));
}

TEST_CASE("a placement undoes itself on labels") {
  // Enlarged on the way there, so that nothing is lost on it.
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::native}) {
    const auto labels = noise_labels(11, 17, 5, 9);
    const auto p = place(mode, {11, 17}, {64, 50});
    const LabelMap network{64, 50, placed(p, labels)};
    CHECK(p.undo(network).labels == labels.labels);
  }
  const auto labels = noise_labels(10, 20, 5, 9);
  const auto p = place(ResizeMode::crop, {10, 20}, {40, 40});
  const auto back = p.undo({40, 40, placed(p, labels)});
  for (std::int64_t y = 0; y < 10; ++y) {
    for (std::int64_t x = 0; x < 20; ++x) {
      const bool inside = x >= 5 && x < 15;
      CHECK(static_cast<int>(back.at(y, x)) == static_cast<int>(inside ? labels.at(y, x) : kIgnore));
    }
  }
}

TEST_CASE("a placement undoes itself on planes, and padding does not leak in") {
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::crop, ResizeMode::native}) {
    const Size file{30, 44}, network{48, 48};
    const auto p = place(mode, file, network);
    // Each network pixel holds the file position below it; padding holds rubbish.
    std::vector<float> planes(2 * 48 * 48, 1e6F), back(2 * 30 * 44);
    for (auto y = p.top; y < p.top + p.height; ++y) {
      for (auto x = p.left; x < p.left + p.width; ++x) {
        const auto [fy, fx] = p.file_position(y, x);
        planes[static_cast<std::size_t>(y * 48 + x)] = static_cast<float>(fy);
        planes[static_cast<std::size_t>(48 * 48 + y * 48 + x)] = static_cast<float>(fx);
      }
    }
    p.undo(planes, 2, back);
    for (std::int64_t y = 4; y < 26; ++y) {
      for (std::int64_t x = 12; x < 32; ++x) {
        CHECK(back[static_cast<std::size_t>(y * 44 + x)] ==
              doctest::Approx(static_cast<double>(y) + 0.5).epsilon(1e-4));
        CHECK(back[static_cast<std::size_t>(30 * 44 + y * 44 + x)] ==
              doctest::Approx(static_cast<double>(x) + 0.5).epsilon(1e-4));
      }
    }
    for (const float v : back) CHECK(v < 100);
  }
}

TEST_CASE("classes are those of the largest plane on the way back, and the lowest of them where several are as large") {
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::crop}) {
    for (const Size file : {Size{30, 44}, Size{9, 5}, Size{1, 1}, Size{100, 37}}) {
      const auto p = place(mode, file, {16, 20});
      std::vector<float> planes(5 * 16 * 20), back(static_cast<std::size_t>(5 * file.height * file.width));
      for (std::size_t i = 0; i < planes.size(); ++i) planes[i] = static_cast<float>(i * 7919 % 13);
      p.undo(planes, 5, back);
      const LabelMap labels = p.undo_argmax(planes, 5);
      const auto plane = static_cast<std::size_t>(file.height * file.width);
      REQUIRE(labels.labels.size() == plane);
      for (std::size_t i = 0; i < plane; ++i) {
        std::size_t best = 0;
        for (std::size_t c = 1; c < 5; ++c) best = back[c * plane + i] > back[best * plane + i] ? c : best;
        CHECK(static_cast<std::size_t>(labels.labels[i]) == best);
      }
    }
  }
}

TEST_CASE("sizes from 1 upwards are placed, and impossible ones refused") {
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::crop}) {
    for (const std::int64_t size : {1, 2, 31, 32, 33}) {
      const auto p = place(mode, {size, 3}, {7, 9});
      std::vector<float> planes(3 * 63);
      p.place(noise_image(size, 3, 1), Preprocess::tf, true, planes);
      for (const float v : planes) CHECK(std::abs(v) <= 1);
      CHECK(p.undo(LabelMap{7, 9, placed(p, noise_labels(size, 3, 2, 1))}).height == size);
    }
  }
  CHECK_THROWS_AS(place(ResizeMode::letterbox, {0, 5}, {4, 4}), GraphError);
  CHECK_THROWS_AS(place(ResizeMode::letterbox, {5, 5}, {4, 0}), GraphError);
  CHECK_THROWS_AS(place(ResizeMode::stretch, {5, 5}, {INT64_MAX, 4}), GraphError);
  CHECK(place(ResizeMode::letterbox, {1, 10000}, {32, 32}).height == 1);
}

TEST_CASE("classes of a file much larger than the network are those of the largest plane, to the last tie") {
  const auto check = [](const Placement& p, const std::vector<float>& planes, std::int64_t channels) {
    const auto plane = static_cast<std::size_t>(p.file.height * p.file.width);
    std::vector<float> back(static_cast<std::size_t>(channels) * plane);
    p.undo(planes, channels, back);
    const LabelMap labels = p.undo_argmax(planes, channels);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < plane; ++i) {
      std::size_t best = 0;
      for (std::size_t c = 1; c < static_cast<std::size_t>(channels); ++c)
        best = back[c * plane + i] > back[best * plane + i] ? c : best;
      wrong += labels.labels[i] == best ? 0 : 1;
    }
    CHECK(wrong == 0);
  };
  for (const auto mode : {ResizeMode::stretch, ResizeMode::letterbox, ResizeMode::crop}) {
    const auto p = place(mode, {300, 410}, {16, 20});
    constexpr std::int64_t kPixels = 16 * 20;
    std::vector<float> waves(4 * kPixels);
    for (std::int64_t i = 0; i < 4 * kPixels; ++i) {
      const auto c = static_cast<double>(i / kPixels), y = static_cast<double>(i % kPixels / 20),
                 x = static_cast<double>(i % 20);
      waves[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(0.3 * x + c) + std::cos(0.4 * y - 2 * c));
    }
    check(p, waves, 4);
    // Planes that differ by a rounding or two, at any size of their numbers.
    std::vector<float> close(waves);
    for (std::int64_t i = 0; i < kPixels; ++i) {
      for (std::int64_t c = 1; c < 4; ++c) {
        const float offset = static_cast<float>((i * 31 + c * 17) % 5 - 2) * 0x1.0p-23F;
        close[static_cast<std::size_t>(c * kPixels + i)] = close[static_cast<std::size_t>(i)] * (1 + offset);
      }
    }
    check(p, close, 4);
    std::vector<float> wild(waves);
    wild[3 * 20 + 4] = std::numeric_limits<float>::quiet_NaN();
    wild[kPixels + 9 * 20 + 9] = std::numeric_limits<float>::infinity();
    wild[2 * kPixels + 12 * 20 + 3] = -std::numeric_limits<float>::infinity();
    wild[3 * kPixels + 6 * 20 + 15] = std::numeric_limits<float>::quiet_NaN();
    wild[kPixels + 7 * 20 + 3] = 3e38F;
    wild[kPixels + 7 * 20 + 4] = -3e38F;
    check(p, wild, 4);
    check(p, std::vector<float>(waves.begin(), waves.begin() + kPixels), 1);
  }
}
