// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

#include "data/kinds/kinds.h"
#include "data/kinds/synthetic_shape.h"
#include "data/kinds/texture.h"

namespace fcngraph::data {
namespace {

// Calibrated together (the test of color_baseline pins the outcome): the classes' colours lie near enough to one
// another, beside the jitter and the texture's contrast, that colour alone is a poor guide.
constexpr double kSaturation = 49;  // of a class's own colour, out of 255
constexpr double kContrast = 56;    // of the texture
constexpr double kNoise = 8;        // of each pixel
constexpr std::uint64_t kMinShapes = 5, kMaxShapes = 8;

struct Tone {
  double r, g, b;
};

// Around the grey axis by the golden angle, so that any number of classes spreads evenly; the background is nearly
// grey.
Tone class_tone(std::int64_t label) {
  const double hue = 2 * std::numbers::pi * std::fmod(static_cast<double>(label) * 0.618034, 1.0);
  const double strength = label == 0 ? 0.3 * kSaturation : kSaturation;
  const auto channel = [&](double shift) { return 128 + strength * std::cos(hue - shift); };
  return {channel(0), channel(2 * std::numbers::pi / 3), channel(4 * std::numbers::pi / 3)};
}

Tone jittered(Tone tone, std::int64_t jitter, std::uint64_t key) {
  const auto shift = [&](std::uint64_t i) { return (2 * random_uniform(key, i) - 1) * static_cast<double>(jitter); };
  return {tone.r + shift(0), tone.g + shift(1), tone.b + shift(2)};
}

class Painter {
 public:
  Painter(std::int64_t height, std::int64_t width, std::uint64_t key)
      : image_(make_image(height, width)), labels_(make_labels(height, width)), noise_key_(random_key(key, "noise")) {}

  void background(std::int64_t jitter, std::uint64_t key) {
    const Tone tone = jittered(class_tone(0), jitter, random_key(key, "colour"));
    const Texture texture(0, random_key(key, "texture"));
    for (std::int64_t y = 0; y < image_.height; ++y) {
      for (std::int64_t x = 0; x < image_.width; ++x) dot(y, x, tone, texture, 0);
    }
  }

  void shape(const SyntheticShape& shape, std::int64_t label, std::int64_t jitter, std::int64_t rim,
             std::uint64_t key) {
    const Tone tone = jittered(class_tone(label), jitter, random_key(key, "colour"));
    const Texture texture(label, random_key(key, "texture"));
    const double reach = shape.reach() + static_cast<double>(rim) + 1;
    const auto first = [&](double c) {
      return std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(c - reach)));
    };
    const auto last = [&](double c, std::int64_t n) {
      return std::min(n, static_cast<std::int64_t>(std::ceil(c + reach)));
    };
    for (auto y = first(shape.center_y()); y < last(shape.center_y(), image_.height); ++y) {
      for (auto x = first(shape.center_x()); x < last(shape.center_x(), image_.width); ++x) {
        const double distance = shape.distance(static_cast<double>(y) + 0.5, static_cast<double>(x) + 0.5);
        if (distance < 0) {
          dot(y, x, tone, texture, label);
        } else if (distance < static_cast<double>(rim)) {
          labels_.labels[static_cast<std::size_t>(y * image_.width + x)] = kIgnore;
        }
      }
    }
  }

  FileSample finish(std::string name) && { return {std::move(image_), std::move(labels_), name, name}; }

 private:
  void dot(std::int64_t y, std::int64_t x, const Tone& tone, const Texture& texture, std::int64_t label) {
    const auto at = static_cast<std::size_t>(y * image_.width + x);
    const double light = kContrast * texture.at(static_cast<double>(y), static_cast<double>(x)) +
                         kNoise * (2 * random_uniform(noise_key_, at) - 1);
    const auto byte = [&](double v) { return static_cast<std::uint8_t>(std::clamp(v + light, 0.0, 255.0)); };
    auto* pixel = image_.at(y, x);
    pixel[0] = byte(tone.r);
    pixel[1] = byte(tone.g);
    pixel[2] = byte(tone.b);
    labels_.labels[at] = static_cast<std::uint8_t>(label);
  }

  Image image_;
  LabelMap labels_;
  std::uint64_t noise_key_;
};

class Synthetic final : public Dataset {
 public:
  Synthetic(DatasetInfo info, const SyntheticOptions& options) : Dataset(std::move(info)), options_(options) {}

  std::int64_t size(Split split) const override {
    return split == Split::train ? options_.images : split == Split::val ? options_.val_images : options_.test_images;
  }

  std::string sample_name(Split split, std::int64_t index) const override {
    check_index(split, index);
    return fmt::format("{}-{:05}", name_of(split), index);
  }

  FileSample read(Split split, std::int64_t index) const override {
    const auto& o = options_;
    std::string name = fmt::format("synthetic:{}", sample_name(split, index));
    const auto key =
        random_key(random_key(random_key(o.seed, "synthetic"), name_of(split)), static_cast<std::uint64_t>(index));
    Painter painter(o.height, o.width, key);
    painter.background(o.jitter, random_key(key, "background"));
    const auto count = kMinShapes + random_below(key, 0, kMaxShapes - kMinShapes + 1);
    // Labels go round from a random start, so that each class is about as frequent as the others.
    const auto start = random_below(key, 1, static_cast<std::uint64_t>(o.num_classes - 1));
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto shape_key = random_key(random_key(key, "shape"), i);
      const auto label = 1 + static_cast<std::int64_t>((start + i) % static_cast<std::uint64_t>(o.num_classes - 1));
      const SyntheticShape shape(shape_key, static_cast<double>(o.height), static_cast<double>(o.width));
      painter.shape(shape, label, o.jitter, o.rim, shape_key);
    }
    return std::move(painter).finish(std::move(name));
  }

 protected:
  SampleKey content(Split split, std::int64_t index) const override {
    constexpr std::uint64_t kVersion = 1;  // of the painter: another one, other pictures
    const auto& o = options_;
    auto key = random_key(random_key(o.seed, "synthetic"), kVersion);
    for (const std::int64_t number :
         {o.height, o.width, o.num_classes, o.rim, o.jitter, static_cast<std::int64_t>(split), index})
      key = random_key(key, static_cast<std::uint64_t>(number));
    return {key, key};
  }

 private:
  SyntheticOptions options_;
};

std::vector<std::string> class_names(const SyntheticOptions& options) {
  if (!options.classes.empty()) return options.classes;
  constexpr const char* kFamilies[] = {"stripes", "checks", "dots", "weave"};
  std::vector<std::string> names = {"background"};
  for (std::int64_t i = 0; i < options.num_classes - 1; ++i) {
    names.push_back(i < 4 ? kFamilies[i] : fmt::format("{}_{}", kFamilies[i % 4], i / 4 + 1));
  }
  return names;
}

// Adds a diagnostic for each option that is out of range.
void check(const SyntheticOptions& o, const SourceSpan& span, Diagnostics& diagnostics) {
  const auto in_range = [&](const char* what, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value >= low && value <= high) return;
    diagnostics.error("E0404", span,
                      fmt::format("'{}' is out of range, expected {} to {}, got {}", what, low, high, value));
  };
  constexpr std::int64_t kMost = 100'000'000;
  in_range("images", o.images, 0, kMost);
  in_range("val_images", o.val_images, 0, kMost);
  in_range("test_images", o.test_images, 0, kMost);
  in_range("size", o.height, 1, 1 << 14);
  in_range("size", o.width, 1, 1 << 14);
  in_range("num_classes", o.num_classes, 2, 200);
  in_range("rim", o.rim, 0, 2);
  in_range("jitter", o.jitter, 0, 255);
  if (!o.classes.empty() && static_cast<std::int64_t>(o.classes.size()) != o.num_classes) {
    diagnostics.error(
        "E0402", span,
        fmt::format("'classes' has {} names, expected {} ('num_classes')", o.classes.size(), o.num_classes));
  }
}

std::unique_ptr<Dataset> make(const SyntheticOptions& options, Palette palette) {
  DatasetInfo info{.name = "synthetic",
                   .classes = class_names(options),
                   .palette = std::move(palette),
                   .ignore = {kIgnore},
                   .label_values = {}};
  return std::make_unique<Synthetic>(std::move(info), options);
}

}  // namespace

std::unique_ptr<Dataset> open_synthetic(const dsl::DataSpec& spec, Diagnostics& diagnostics) {
  const SyntheticOptions options{
      .images = spec.images,
      .val_images = spec.val_images,
      .test_images = spec.test_images,
      .height = spec.size,
      .width = spec.size,
      .num_classes = spec.classes.empty() ? spec.num_classes : static_cast<std::int64_t>(spec.classes.size()),
      .rim = spec.rim,
      .jitter = spec.jitter,
      .seed = spec.seed,
      .classes = spec.classes};
  check(options, spec.span, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  Palette palette;
  for (const auto& c : spec.colors) palette.push_back({c.r, c.g, c.b});
  if (palette.empty() && !spec.palette.empty()) palette = palette_by_name(spec.palette, options.num_classes);
  return make(options, std::move(palette));
}

}  // namespace fcngraph::data

namespace fcngraph {

std::unique_ptr<Dataset> make_synthetic(const SyntheticOptions& options) {
  Diagnostics diagnostics;
  data::check(options, {}, diagnostics);
  diagnostics.throw_if_errors();
  return data::make(options, {});
}

}  // namespace fcngraph
