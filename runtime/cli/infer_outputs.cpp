// SPDX-License-Identifier: Apache-2.0
#include "infer_outputs.h"

#include <fcngraph/engine/error.h>

namespace fcngraph::cli {
namespace {

namespace fs = std::filesystem;

/// Names of values may hold what paths give a meaning to.
std::string as_file_name(std::string name) {
  for (char& c : name) {
    if (c == '/' || c == '\\') c = '_';
  }
  return name;
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw IoError(folder.string(), "cannot be made: " + error.message());
}

}  // namespace

std::vector<std::string> InferOutputs::write(const std::string& stem, const Prediction& prediction,
                                             const Image* image) const {
  std::vector<std::string> written;
  make_folder(folder);
  const bool several = prediction.labels.size() > 1;
  const auto place = [&](const std::string& head, const char* kind) {
    written.push_back((folder / (stem + (several ? "." + head : std::string()) + kind)).string());
    return written.back();
  };
  for (const auto& [head, map] : prediction.labels) {
    if (labels) save_labels(place(head, ".labels.png"), map, palette);
    if (overlay && image != nullptr) {
      save_image(place(head, ".overlay.png"), fcngraph::overlay(*image, map, palette, 0.6, classes));
    }
    if (probabilities) save_npy(place(head, ".probabilities.npy"), to_nhwc(prediction.probabilities.at(head)));
    if (logits) save_npy(place(head, ".logits.npy"), to_nhwc(prediction.logits.at(head)));
  }
  const auto fetched = fetch_in_folders ? folder / stem : folder;
  if (!prediction.fetched.empty()) make_folder(fetched);
  for (const auto& [name, tensor] : prediction.fetched) {
    written.push_back((fetched / (as_file_name(name) + ".npy")).string());
    save_npy(written.back(), to_nhwc(tensor));
  }
  return written;
}

}  // namespace fcngraph::cli
