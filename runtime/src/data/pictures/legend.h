// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <fcngraph/image.h>

namespace fcngraph::data {

/// The picture with a legend on white below: a swatch and a name for each class, in as many columns as fit. A picture
/// too narrow for the longest name is widened with white.
Image with_legend(const Image& image, std::span<const Color> palette, std::span<const std::string> names);

}  // namespace fcngraph::data
