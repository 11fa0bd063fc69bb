// SPDX-License-Identifier: Apache-2.0
#include "rename_weights.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fcngraph {
namespace {

struct Links {
  std::vector<std::pair<std::string, std::string>> pairs;  ///< layer of the model, layer of the file
  std::set<std::string> others;                            ///< layers that go by their own name

  template <class Layers>
  void add(const Layers& layers) {
    for (const auto& layer : layers) {
      if ((*layer.weights_from).empty()) {
        others.insert(*layer.name);
      } else {
        pairs.emplace_back(*layer.name, *layer.weights_from);
      }
    }
  }
};

/// Keras has the kernel of a transposed convolution as (H, W, O, I), where those of others are (H, W, I, O): imported by name alone,
/// it has its first two extents in each other's place.
void turn_transposed(const dsl::ModelSpec& spec, Weights& weights) {
  for (const auto* nodes : {&spec.backbone.nodes, &spec.nodes}) {
    for (const auto& node : *nodes) {
      const std::string name = *node.name + ".weight";
      if (*node.op != "conv2d_transpose" || !weights.contains(name)) continue;
      const Tensor from = weights.get(name);
      if (from.type.dtype != DType::f32 || from.type.shape.rank() != 4) continue;
      const auto& shape = from.type.shape;
      Tensor to = Tensor::zeros({DType::f32, {shape[1], shape[0], shape[2], shape[3]}, {}});
      const std::int64_t area = shape[2] * shape[3];
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        for (std::int64_t o = 0; o < shape[1]; ++o)
          std::copy_n(from.as<float>() + (i * shape[1] + o) * area, area, to.as<float>() + (o * shape[0] + i) * area);
      }
      TensorOrigin origin = weights.origin(name);
      if (!origin.text.empty()) origin.text += ", turned to H, W, O, I for a transposed convolution";
      weights.set(name, std::move(to), std::move(origin));
    }
  }
}

}  // namespace

Weights rename_weights(const dsl::ModelSpec& spec, const Weights& weights) {
  Links links;
  links.add(spec.backbone.nodes);
  links.add(spec.dense_convs);
  links.add(spec.nodes);
  const bool imported = weights.metadata().count("imported") > 0;
  Weights out = weights;
  std::set<std::string> taken, given;
  for (const auto& [layer, from] : links.pairs) {
    for (const std::string& name : weights.names()) {
      if (!name.starts_with(from + ".")) continue;
      const std::string to = layer + name.substr(from.size());
      if (!imported && weights.contains(to)) continue;
      out.share(weights, name, to);
      given.insert(to);
      if (links.others.count(from) == 0) taken.insert(name);
    }
  }
  for (const std::string& name : taken) {
    if (given.count(name) == 0) out.erase(name);
  }
  if (imported) turn_transposed(spec, out);
  out.metadata().erase("imported");  // from here on the names are the model's
  return out;
}

}  // namespace fcngraph
