// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "import/hdf5.h"
#include "import/source.h"

namespace fcngraph::import {

/// Whether the file has attributes `layer_names` and `weight_names`: Keras 1 and 2, the published files, and `save_weights("x.h5")`
/// since.
bool is_legacy(const Hdf5File& file);

/// The layers' tensors in the order of the layers; of those inside a nested model too. Throws IoError for a layer or tensor that
/// the file lists but does not hold.
Source list_legacy(const std::shared_ptr<const Hdf5File>& file);

/// The same of `.weights.h5`, and of the file inside `.keras`: groups `layers/conv2d_3/vars`, the layer's own name in an attribute
/// since Keras 3.6. Layers go by class and number, nested models before dense layers. Throws IoError for a file without any `vars`.
Source list_keras3(const std::shared_ptr<const Hdf5File>& file);

inline std::string join_path(const std::string& group, const std::string& name) {
  return group == "/" ? name : group + "/" + name;
}

inline SourceTensor hdf5_tensor(const std::shared_ptr<const Hdf5File>& file, const std::string& path,
                                VariableName name) {
  return {path, std::move(name.layer), std::move(name.variable), [file, path] { return file->read(path); }};
}

}  // namespace fcngraph::import
