// SPDX-License-Identifier: Apache-2.0
#include "rename_weights.h"

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
  out.metadata().erase("imported");  // from here on the names are the model's
  return out;
}

}  // namespace fcngraph
