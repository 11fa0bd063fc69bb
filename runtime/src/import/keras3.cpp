// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include <fcngraph/engine/error.h>

#include "import/keras_hdf5.h"

namespace fcngraph::import {
namespace {

// Models in models. Several names may stand for one group, which may lie in itself.
constexpr int kDeepest = 32, kMostGroups = 10'000;

/// What the variables of a layer are called, which have but numbers in the file.
struct LayerClass {
  std::string_view name;
  std::array<std::string_view, 4> variables;
};
constexpr std::array kClasses{
    LayerClass{"batch_normalization", {"gamma", "beta", "mean", "variance"}}, LayerClass{"conv2d", {"kernel", "bias"}},
    LayerClass{"conv2d_transpose", {"kernel", "bias"}}, LayerClass{"dense", {"kernel", "bias"}},
    LayerClass{"depthwise_conv2d", {"depthwise_kernel", "bias"}}};

const LayerClass* find_class(std::string_view name) {
  const auto* const found =
      std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& c) { return c.name == name; });
  return found == kClasses.end() ? nullptr : found;
}

class Keras3Lister {
 public:
  explicit Keras3Lister(std::shared_ptr<const Hdf5File> file) : file_(std::move(file)) {}

  Source run() {
    walk("/", 0);
    return std::move(source_);
  }

 private:
  void walk(const std::string& group, int depth) {
    if (depth > kDeepest || ++groups_ > kMostGroups)
      throw IoError(file_->shown(), fmt::format("'{}' is nested too deeply", group));
    auto children = file_->children(group);
    // A dense layer stands behind the features that a nested model makes.
    const auto order = [](const Hdf5File::Child& child) {
      auto [name, number] = split_number(child.name);
      const bool last = name == "dense";
      return std::tuple(last, std::move(name), number);
    };
    std::stable_sort(children.begin(), children.end(),
                     [&](const auto& a, const auto& b) { return order(a) < order(b); });
    for (const auto& child : children) {
      // The optimiser's moments and the states of random generators are no layers.
      if (!child.is_group || child.name == "optimizer" || child.name == "seed_generator" || child.name == "metrics")
        continue;
      const std::string path = join_path(group, child.name);
      if (child.name == "vars") {
        add_layer(group, path);
      } else {
        walk(path, depth + 1);
      }
    }
  }

  void add_layer(const std::string& group, const std::string& path) {
    auto variables = file_->children(path);
    std::sort(variables.begin(), variables.end(), [](const auto& a, const auto& b) {
      return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
    });
    const std::string own = group.substr(group.rfind('/') + 1);
    std::string name = own;
    if (file_->has_attribute(path, "name")) {
      if (const auto names = file_->strings(path, "name"); names.size() == 1) name = names[0];
    }
    const LayerClass* layer_class = class_of(group, own, variables.size());
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const auto variable = layer_class != nullptr && i < 4 ? layer_class->variables[i] : std::string_view();
      source_.push_back(hdf5_tensor(file_, join_path(path, variables[i].name), {name, std::string(variable)}));
    }
  }

  /// In a list of layers a group is called after the class; a layer that is an attribute of somebody's own model is called as there,
  /// and only the number of its variables says something.
  static const LayerClass* class_of(const std::string& group, const std::string& own, std::size_t variables) {
    if (const auto* known = find_class(split_number(own).name); known != nullptr) return known;
    const std::string list = group.substr(0, group.size() - std::min(group.size(), own.size() + 1));
    if (list.ends_with("layers") || list.ends_with("_layer_checkpoint_dependencies")) return nullptr;
    if (variables == 4) return find_class("batch_normalization");
    return variables <= 2 ? find_class("conv2d") : nullptr;
  }

  std::shared_ptr<const Hdf5File> file_;
  Source source_;
  int groups_ = 0;
};

}  // namespace

Source list_keras3(const std::shared_ptr<const Hdf5File>& file) {
  Source source = Keras3Lister(file).run();
  if (source.empty())
    throw IoError(file->shown(), "is HDF5, but not of Keras: it has neither 'layer_names' nor layers with 'vars'");
  return source;
}

}  // namespace fcngraph::import
