// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fcngraph/image.h>
#include <fcngraph/predictor.h>

namespace fcngraph::cli {

/// Where predictions go and in which forms. Every file is called STEM.KIND, or STEM.HEAD.KIND where there are several heads.
struct InferOutputs {
  std::filesystem::path folder;
  bool labels = false;            ///< STEM.labels.png, a palette PNG of the image's size
  bool overlay = false;           ///< STEM.overlay.png
  bool probabilities = false;     ///< STEM.probabilities.npy, f32 NHWC
  bool logits = false;            ///< STEM.logits.npy, f32 NHWC
  bool fetch_in_folders = false;  ///< STEM/NAME.npy instead of NAME.npy, where there are several inputs
  Palette palette;
  std::vector<std::string> classes;

  /// Writes them; returns the paths. `image` is null for inputs that are no images: they have no overlay. Throws IoError.
  std::vector<std::string> write(const std::string& stem, const Prediction& prediction, const Image* image) const;
};

}  // namespace fcngraph::cli
