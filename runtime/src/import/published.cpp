// SPDX-License-Identifier: Apache-2.0
#include "import/published.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace fcngraph::import {
namespace {

constexpr std::array kPublished{
    Published{"64373286793e3c8b2b4e3219cbf3544b", "VGG-16 of Keras, ImageNet, with top"},
    Published{"6d6bbae143d832006294945121d1f1fc", "VGG-16 of Keras, ImageNet, without top"},
    Published{"cbe5617147190e668d6c5d5026f83318", "VGG-19 of Keras, ImageNet, with top"},
    Published{"253f8cb515780f3b799900260a226db6", "VGG-19 of Keras, ImageNet, without top"},
};

}  // namespace

std::span<const Published> published_files() { return kPublished; }

std::string_view published_name(const std::array<std::uint8_t, 16>& md5, std::span<const Published> known) {
  const auto hex = fmt::format("{:02x}", fmt::join(md5, ""));
  for (const auto& file : known) {
    if (file.md5 == hex) return file.name;
  }
  return {};
}

}  // namespace fcngraph::import
