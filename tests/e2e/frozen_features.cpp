// SPDX-License-Identifier: Apache-2.0
#include "frozen_features.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fcngraph/engine/random.h>
#include <fcngraph/image.h>

namespace fcngraph::testing {
namespace {

enum Label : std::uint8_t { kPad, kPet, kBackground, kBorder, kClasses };

constexpr const char* kBackbone = R"(fcngraph = 1
[[node]]
name = "block3_pool"
op = "conv2d"
inputs = ["image"]
filters = 256
kernel = 8
stride = 8
activation = "relu"
[[node]]
name = "block4_pool"
op = "conv2d"
inputs = ["image"]
filters = 512
kernel = 16
stride = 16
activation = "relu"
[[node]]
name = "block5_pool"
op = "conv2d"
inputs = ["image"]
filters = 512
kernel = 32
stride = 32
activation = "relu"
)";

constexpr const char* kData = R"([data]
kind = "folder"
classes = ["pad", "pet", "background", "border"]
resize = { mode = "native" }
train = { images = "train", masks = "train_masks" }
val = { images = "val", masks = "val_masks" }
)";

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

/// A photo of a pet in the top left, the rest padding.
LabelMap scene(std::uint64_t key) {
  constexpr auto kSize = static_cast<double>(FrozenFeatures::kSize);
  const auto between = [&](std::uint64_t which, double low, double high) {
    return low + (high - low) * random_uniform(key, which);
  };
  const double height = kSize * between(0, 0.55, 1), width = kSize * between(1, 0.55, 1);
  const double y0 = height * between(2, 0.35, 0.65), x0 = width * between(3, 0.35, 0.65);
  const double ry = height * between(4, 0.2, 0.33), rx = width * between(5, 0.2, 0.33);
  constexpr double kRim = 14;  // pixels
  LabelMap map = make_labels(FrozenFeatures::kSize, FrozenFeatures::kSize, kPad);
  for (std::int64_t y = 0; y < FrozenFeatures::kSize; ++y) {
    for (std::int64_t x = 0; x < FrozenFeatures::kSize; ++x) {
      const auto at_y = static_cast<double>(y), at_x = static_cast<double>(x);
      if (at_y >= height || at_x >= width) continue;
      const double inner = std::hypot((at_y - y0) / ry, (at_x - x0) / rx);
      const double outer = std::hypot((at_y - y0) / (ry + kRim), (at_x - x0) / (rx + kRim));
      map.labels[static_cast<std::size_t>(y * FrozenFeatures::kSize + x)] = inner < 1   ? kPet
                                                                            : outer < 1 ? kBorder
                                                                                        : kBackground;
    }
  }
  return map;
}

/// Red is pet, green background, blue border, black padding; all but padding are noisy.
Image picture(const LabelMap& map, std::uint64_t key) {
  Image image = make_image(map.height, map.width);
  for (std::size_t i = 0; i < map.labels.size(); ++i) {
    if (map.labels[i] == kPad) continue;
    for (std::size_t c = 0; c < 3; ++c) {
      const double noise = 60 * random_uniform(key, 3 * i + c);
      image.pixels[3 * i + c] = static_cast<std::uint8_t>(map.labels[i] == c + 1 ? 255 - noise : noise);
    }
  }
  return image;
}

}  // namespace

FrozenFeatures::FrozenFeatures(std::filesystem::path folder, std::uint64_t seed) : folder_(std::move(folder)) {
  write_split("train", kImages, random_key(seed, "train"));
  write_split("val", kValImages, random_key(seed, "val"));
  write(folder_ / "backbone.toml", kBackbone);
  write(folder_ / "data.toml", kData);
  add_tap("block3_pool", 256, 8, 100, seed);
  add_tap("block4_pool", 512, 16, 20, seed);
  add_tap("block5_pool", kChannels, 32, 0.5, seed);
  add_identity("fc6");
  add_identity("fc7");
}

void FrozenFeatures::write_split(const std::string& name, std::int64_t images, std::uint64_t seed) const {
  std::filesystem::create_directories(folder_ / name);
  std::filesystem::create_directories(folder_ / (name + "_masks"));
  for (std::int64_t i = 0; i < images; ++i) {
    const auto key = random_key(seed, static_cast<std::uint64_t>(i));
    const auto map = scene(key);
    const auto file = "picture" + std::to_string(1000 + i) + ".png";
    save_image((folder_ / name / file).string(), picture(map, random_key(key, "noise")));
    save_labels((folder_ / (name + "_masks") / file).string(), map);
  }
}

// A cell's feature is the mean over its pixels of their class's: a random number from 0 to twice the tap's mean for each channel.
void FrozenFeatures::add_tap(const std::string& name, std::int64_t channels, std::int64_t stride, double mean,
                             std::uint64_t seed) {
  const auto key = random_key(seed, name);
  const auto of = [&](std::int64_t channel, std::uint64_t label) {
    return 2 * mean * random_uniform(key, static_cast<std::uint64_t>(channel) * kClasses + label);
  };
  Tensor weight = Tensor::zeros({DType::f32, {channels, 3, stride, stride}, {}});
  Tensor bias = Tensor::zeros({DType::f32, {channels}, {}});
  const std::int64_t area = stride * stride;
  for (std::int64_t o = 0; o < channels; ++o) {
    bias.as<float>()[o] = static_cast<float>(of(o, kPad));
    for (std::int64_t c = 0; c < 3; ++c) {
      const double each = (of(o, static_cast<std::uint64_t>(c) + 1) - of(o, kPad)) / 255 / static_cast<double>(area);
      std::fill_n(weight.as<float>() + (o * 3 + c) * area, area, static_cast<float>(each));
    }
  }
  weights_.set(name + ".weight", std::move(weight));
  weights_.set(name + ".bias", std::move(bias));
}

void FrozenFeatures::add_identity(const std::string& name) {
  Tensor weight = Tensor::zeros({DType::f32, {kChannels, kChannels, 1, 1}, {}});
  for (std::int64_t c = 0; c < kChannels; ++c) weight.as<float>()[c * kChannels + c] = 1;
  weights_.set(name + ".weight", std::move(weight));
}

}  // namespace fcngraph::testing
