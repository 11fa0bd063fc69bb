// SPDX-License-Identifier: Apache-2.0
#include "import/keras_names.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace fcngraph::import {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 32;  // models in models
constexpr std::string_view kVars = "/vars/";

/// "Conv2DTranspose" as the groups of a file have it: conv2d_transpose.
std::string snake_case(const std::string& name) {
  const auto is_upper = [&](std::size_t i) { return std::isupper(static_cast<unsigned char>(name[i])) != 0; };
  const auto is_lower = [&](std::size_t i) { return std::islower(static_cast<unsigned char>(name[i])) != 0; };
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool starts_word = is_upper(i) && i > 0 && (is_lower(i - 1) || (i + 1 < name.size() && is_lower(i + 1)));
    if (starts_word) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  }
  return out;
}

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

struct LayerName {
  std::string name;
  std::size_t order = 0;
};
using LayerNames = std::map<std::string, LayerName>;  ///< by group: "layers/conv2d_3"

/// `model` is what Keras describes as {"class_name", "config": {"layers": [...]}}.
void add_layers(const Json& model, const std::string& group, int depth, LayerNames& out) {
  const auto config = model.is_object() ? model.find("config") : model.end();
  if (depth > kDeepest || config == model.end() || !config->is_object()) return;
  const auto layers = config->find("layers");
  if (layers == config->end() || !layers->is_array()) return;
  std::map<std::string, int> used;
  for (const Json& layer : *layers) {
    const auto inner = layer.is_object() ? layer.find("config") : layer.end();
    if (inner == layer.end() || !inner->is_object()) continue;
    const std::string layer_class = snake_case(text_at(layer, "class_name"));
    const int number = used[layer_class]++;
    const std::string path = group + "layers/" + layer_class + (number > 0 ? "_" + std::to_string(number) : "");
    out[path] = {text_at(*inner, "name"), out.size()};
    add_layers(layer, path + "/", depth + 1, out);
  }
}

/// "layers/conv2d_3" of "layers/conv2d_3/vars/0", also where Keras 2 calls the list otherwise.
std::string group_of(const std::string& path) {
  static const std::string kOld = "_layer_checkpoint_dependencies/", kNew = "layers/";
  std::string group = path.substr(0, path.rfind(kVars));
  for (auto at = group.find(kOld); at != std::string::npos; at = group.find(kOld)) group.replace(at, kOld.size(), kNew);
  return group;
}

struct VggStage {
  int convs, stage;
};
constexpr std::array kVgg16{VggStage{2, 1}, VggStage{2, 2}, VggStage{3, 3}, VggStage{3, 4}, VggStage{3, 5}};
constexpr std::array kVgg19{VggStage{2, 1}, VggStage{2, 2}, VggStage{4, 3}, VggStage{4, 4}, VggStage{4, 5}};

std::map<std::string, std::string> vgg_names(bool is_vgg19) {
  std::map<std::string, std::string> out{{"dense", "fc1"}, {"dense_1", "fc2"}, {"dense_2", "predictions"}};
  int number = 0;
  for (const auto& [convs, stage] : is_vgg19 ? kVgg19 : kVgg16) {
    for (int i = 1; i <= convs; ++i, ++number) {
      const std::string name = "block" + std::to_string(stage) + "_conv" + std::to_string(i);
      out[number == 0 ? "conv2d" : "conv2d_" + std::to_string(number)] = name;
    }
  }
  return out;
}

}  // namespace

void name_by_config(Source& source, std::string_view config) {
  const Json model = Json::parse(config, nullptr, false);
  LayerNames names;
  add_layers(model, "", 0, names);
  const auto find = [&](const SourceTensor& tensor) { return names.find(group_of(tensor.path)); };
  for (auto& tensor : source) {
    if (const auto found = find(tensor); found != names.end() && !found->second.name.empty())
      tensor.layer = found->second.name;
  }
  std::stable_sort(source.begin(), source.end(), [&](const SourceTensor& a, const SourceTensor& b) {
    const auto x = find(a), y = find(b);
    return (x == names.end() ? names.size() : x->second.order) < (y == names.end() ? names.size() : y->second.order);
  });
}

std::string name_as_vgg(Source& source) {
  std::size_t convs = 0, dense = 0;
  for (const auto& tensor : source) {
    const std::string group = group_of(tensor.path);
    const std::string own = group.substr(group.rfind('/') + 1);
    const std::string layer_class = split_number(own).name;
    if (tensor.layer != own || (layer_class != "conv2d" && layer_class != "dense")) return {};
    if (tensor.variable == "kernel") ++(layer_class == "dense" ? dense : convs);
  }
  if ((convs != 13 && convs != 16) || (dense != 0 && dense != 3)) return {};
  const auto names = vgg_names(convs == 16);
  const auto known = [&](const SourceTensor& tensor) { return names.count(tensor.layer) > 0; };
  if (!std::all_of(source.begin(), source.end(), known)) return {};
  for (auto& tensor : source) tensor.layer = names.at(tensor.layer);
  return convs == 16 ? "VGG-19" : "VGG-16";
}

}  // namespace fcngraph::import
