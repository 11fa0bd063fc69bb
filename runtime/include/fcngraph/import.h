// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <fcngraph/weights.h>

namespace fcngraph {

/// Weights of another program in our names and shapes, and what became of each of its tensors.
struct ImportedWeights {
  Weights weights;
  WeightsReport report;   ///< loaded, reshaped (a fully connected kernel that has become a convolution), unused
  std::string form;       ///< of the file: "Keras HDF5", "Keras 3 HDF5", ".keras archive", ".npz", "safetensors", "run"
  std::string layout;     ///< of its tensors: keras or fcngraph
  std::string published;  ///< what the file is, when it is one that Keras publishes (by its MD5); else empty
};

/// Reads a file of weights by its contents, whatever its name.
///
/// Files: HDF5 as Keras writes it (legacy and `.weights.h5`), `.keras` archives, `.npz`, safetensors, folders of runs.
/// `layout` is that of the tensors:
///   keras     convolutions (H, W, I, O), fully connected kernels (inputs, outputs) over features flattened as H, W, C. Those
///             become convolutions `<layer>.weight` [O, I, H, W] with the square window that fits the outputs of the layer before,
///             `fc1` of VGG (25088, 4096) thus [4096, 512, 7, 7].
///   fcngraph  our own names and shapes, taken as they are.
///   auto      HDF5 and `.keras` are keras; `.npz` and safetensors are keras where a name ends in `kernel` or `_W`.
///
/// The metadata of the weights says `imported`, so that a model's `weights_from` finds the layers by the names they had.
/// Throws IoError for files that are missing, cut short or damaged, that name tensors which they do not hold, that claim more
/// bytes than they can hold, and for values that are NaN or infinite; GraphError for a layout that does not exist or fit.
FCNGRAPH_API ImportedWeights import_weights(const std::filesystem::path& path, const std::string& layout = "auto");

}  // namespace fcngraph
