// SPDX-License-Identifier: Apache-2.0
#include "import/keras_hdf5.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <fcngraph/engine/error.h>

namespace fcngraph::import {
namespace {

/// Where the legacy attributes are: at the root, or below it in a file that holds a whole model. Empty: nowhere.
std::string legacy_root(const Hdf5File& file) {
  const auto lists = [&](const std::string& path) {
    return file.has_attribute(path, "layer_names") || file.has_attribute(path, "layer_names0");
  };
  if (lists("/")) return "/";
  return file.has("model_weights") && lists("model_weights") ? "model_weights" : "";
}

/// A list that Keras has cut into `name0`, `name1`, ... where it exceeds the 64 KiB of an attribute.
std::vector<std::string> long_list(const Hdf5File& file, const std::string& path, const std::string& name) {
  if (file.has_attribute(path, name)) return file.strings(path, name);
  std::vector<std::string> out;
  for (int i = 0; file.has_attribute(path, name + std::to_string(i)); ++i) {
    const auto part = file.strings(path, name + std::to_string(i));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

/// A nested model is one layer whose weights have the names of its layers. A plain layer's own name counts instead: what its weights
/// are called may be older ("conv2d_1/kernel:0" in "conv2d").
bool is_nested(const std::vector<std::string>& weights, const std::string& layer) {
  std::set<std::string> seen;
  return !std::all_of(weights.begin(), weights.end(), [&](const std::string& weight) {
    return seen.insert(split_variable(weight, layer).variable).second;
  });
}

}  // namespace

bool is_legacy(const Hdf5File& file) { return !legacy_root(file).empty(); }

Source list_legacy(const std::shared_ptr<const Hdf5File>& file) {
  const std::string root = legacy_root(*file);
  Source source;
  for (const std::string& layer : long_list(*file, root, "layer_names")) {
    const std::string group = join_path(root, layer);
    if (!file->has(group)) throw IoError(file->shown(), fmt::format("lists layer '{}', but does not hold it", layer));
    const auto weights = long_list(*file, group, "weight_names");
    const bool nested = is_nested(weights, layer);
    for (const std::string& weight : weights) {
      if (!file->has(join_path(group, weight)))
        throw IoError(file->shown(),
                      fmt::format("layer '{}' lists '{}', but the file does not hold it", layer, weight));
      VariableName name = split_variable(weight, layer);
      if (!nested) name.layer = layer;
      source.push_back(hdf5_tensor(file, join_path(group, weight), std::move(name)));
    }
  }
  return source;
}

}  // namespace fcngraph::import
