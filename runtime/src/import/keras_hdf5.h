// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "import/hdf5.h"
#include "import/source.h"

namespace fcngraph::import {

/// How a Keras file names its layers.
enum class KerasForm {
  legacy,  ///< attributes `layer_names` and `weight_names`: Keras 1 and 2, the published files, and `save_weights("x.h5")` since
  keras3  ///< groups `layers/conv2d_3/vars`, the layer's own name in an attribute: `.weights.h5`, and inside `.keras`
};

/// Throws IoError for an HDF5 file that is neither.
KerasForm keras_form(const Hdf5File& file);

/// The layers' tensors in the order of the layers; of those inside a nested model too. Throws IoError for a layer or tensor that
/// the file lists but does not hold.
Source list_keras(const std::shared_ptr<const Hdf5File>& file, KerasForm form);

/// The HDF5 file inside a `.keras` archive, unpacked to a temporary file.
std::shared_ptr<const Hdf5File> open_keras_archive(const std::string& path);

}  // namespace fcngraph::import
