// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "import/source.h"

namespace fcngraph::import {

/// Gives the tensors of a Keras 3 file the names and the order of the layers of its `config.json`, which is where versions before 3.6
/// keep them. A text that is no such description changes nothing.
void name_by_config(Source& source, std::string_view config);

/// A Keras 3 file without names of layers has `conv2d_3` for the fourth convolution. With as many layers as VGG-16 or VGG-19 they
/// are given its names, `block2_conv2` and so on; shapes that are not VGG's then fit no model of it. Returns "VGG-16" or "VGG-19",
/// or nothing where the file has names or other layers.
std::string name_as_vgg(Source& source);

}  // namespace fcngraph::import
