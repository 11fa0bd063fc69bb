// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

namespace fcngraph {
namespace {

void check_count(std::int64_t classes) {
  if (classes < 0 || classes > 256)
    throw GraphError(fmt::format("palette of {} colours, expected at most 256", classes));
}

std::uint8_t to_byte(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255)); }

Color from_hsv(double hue, double saturation, double value) {
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue * 6, 6.0);
    return to_byte(value - value * saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0));
  };
  return {channel(5), channel(3), channel(1)};
}

}  // namespace

Palette camvid_palette() {
  return {{128, 128, 128}, {128, 0, 0},   {192, 192, 128}, {128, 64, 128}, {0, 0, 192},  {128, 128, 0},
          {192, 128, 128}, {64, 64, 128}, {64, 0, 128},    {64, 64, 0},    {0, 128, 192}};
}

Palette voc_palette(std::int64_t classes) {
  check_count(classes);
  Palette palette;
  for (std::int64_t i = 0; i < classes; ++i) {
    // Bit 3k of the class goes to bit 7-k of red, 3k+1 to green, 3k+2 to blue.
    int channels[3] = {0, 0, 0};
    for (int bit = 0; bit < 8; ++bit) channels[bit % 3] |= static_cast<int>(i >> bit & 1) << (7 - bit / 3);
    palette.push_back({static_cast<std::uint8_t>(channels[0]), static_cast<std::uint8_t>(channels[1]),
                       static_cast<std::uint8_t>(channels[2])});
  }
  return palette;
}

Palette pets_palette() { return {{230, 85, 13}, {60, 90, 140}, {255, 240, 90}}; }

Palette inferno_palette(std::int64_t classes) {
  check_count(classes);
  // matplotlib's map at nine even steps; straight lines between them stay within 6 of 255 of it.
  constexpr Color kSteps[] = {{0, 0, 4},     {31, 12, 72},   {85, 15, 109},  {136, 34, 106}, {186, 54, 85},
                              {227, 89, 51}, {249, 140, 10}, {249, 201, 50}, {252, 255, 164}};
  Palette palette;
  for (std::int64_t i = 0; i < classes; ++i) {
    const double at = classes == 1 ? 0 : 8.0 * static_cast<double>(i) / static_cast<double>(classes - 1);
    const auto low = std::min<std::size_t>(static_cast<std::size_t>(at), 7);
    const double weight = at - static_cast<double>(low);
    const auto mix = [&](std::uint8_t a, std::uint8_t b) {
      return static_cast<std::uint8_t>(std::lround(std::lerp(a, b, weight)));
    };
    palette.push_back({mix(kSteps[low].r, kSteps[low + 1].r), mix(kSteps[low].g, kSteps[low + 1].g),
                       mix(kSteps[low].b, kSteps[low + 1].b)});
  }
  return palette;
}

Palette default_palette(std::int64_t classes) {
  check_count(classes);
  Palette palette;
  for (std::int64_t i = 0; i < classes; ++i) {
    if (i == 0) {
      palette.push_back({45, 45, 60});
      continue;
    }
    // Hues by the golden ratio never repeat; brightness and saturation alternate to tell near hues apart.
    const double hue = std::fmod(0.02 + static_cast<double>(i - 1) * 0.618034, 1.0);
    palette.push_back(from_hsv(hue, i / 5 % 2 == 0 ? 0.78 : 0.5, i % 3 == 0 ? 0.78 : 0.97));
  }
  return palette;
}

Palette palette_by_name(const std::string& name, std::int64_t classes) {
  if (name == "camvid") {
    auto palette = camvid_palette();
    const auto known = static_cast<std::int64_t>(palette.size());
    if (classes > known) palette.push_back({0, 0, 0});  // void, where it is a class
    if (classes > known + 1)
      throw GraphError(fmt::format("palette 'camvid' has {} colours, expected {}", known + 1, classes));
    return palette;
  }
  if (name == "pets") {
    auto palette = pets_palette();
    if (classes > 3) palette.insert(palette.begin(), Color{0, 0, 0});  // padding, where it is class 0
    if (classes > 4) throw GraphError(fmt::format("palette 'pets' has 4 colours, expected {}", classes));
    return palette;
  }
  if (name == "voc") return voc_palette(classes);
  if (name == "inferno") return inferno_palette(classes);
  if (name == "default" || name.empty()) return default_palette(classes);
  throw GraphError(fmt::format("palette '{}' is unknown, expected camvid, voc, pets, inferno or default", name));
}

}  // namespace fcngraph
