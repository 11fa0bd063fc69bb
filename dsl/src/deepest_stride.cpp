// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include "graph_builder.h"

namespace fcngraph::dsl {
namespace {

struct Stride {
  double h = 1, w = 1;
};

// How much coarser the output of an op is than its input; windows of any size tell the same.
CoordMap map_of(const OpDef& op, const AttrMap& attrs) {
  if (!op.coord_map) return {};
  Diagnostics ignored;  // mistakes in attributes are reported when the layer is built
  const Attrs made = op.schema.make(attrs, {}, {}, {}, ignored);
  const TensorType sample{DType::f32, {1, 1, 256, 256}, {}};
  const TensorType* const operand = &sample;
  return ignored.has_errors() ? CoordMap{} : op.coord_map(made, {&operand, 1});
}

class StrideFinder {
 public:
  StrideFinder(const ModelSpec& spec, const OpTable& ops) : spec_(spec), ops_(ops) {}

  Extent2 run() {
    find_needed();
    strides_["image"] = {};
    for (const NodeSpec& node : spec_.backbone.nodes) visit(node);
    for (const DenseConvSpec& dense : spec_.dense_convs) record(*dense.name, strides_[*dense.from]);
    for (const NodeSpec& node : spec_.nodes) visit(node);
    constexpr double kLargest = 1 << 20;
    return {static_cast<std::int64_t>(std::ceil(std::min(deepest_.h, kLargest))),
            static_cast<std::int64_t>(std::ceil(std::min(deepest_.w, kLargest)))};
  }

 private:
  void find_needed() {
    // A stage sees the image as the whole model does.
    for (const auto* heads : {&spec_.heads, &spec_.other_heads}) {
      for (const HeadSpec& head : *heads) needed_.insert(*head.from);
    }
    const auto add_inputs = [&](const std::vector<NodeSpec>& nodes) {
      for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        if (needed_.count(*node->name) == 0) continue;
        for (const auto& input : node->inputs) needed_.insert(*input);
      }
    };
    add_inputs(spec_.nodes);
    for (auto dense = spec_.dense_convs.rbegin(); dense != spec_.dense_convs.rend(); ++dense) {
      if (needed_.count(*dense->name) > 0) needed_.insert(*dense->from);
    }
    add_inputs(spec_.backbone.nodes);
  }

  void visit(const NodeSpec& node) {
    Stride stride = node.inputs.empty() ? Stride{} : strides_[*node.inputs[0]];
    if (const OpDef* op = ops_.find(*node.op)) {
      const CoordMap map = map_of(*op, node.attrs);
      stride.h *= map.scale_h;
      stride.w *= map.scale_w;
    }
    record(*node.name, stride);
  }

  void record(const std::string& name, Stride stride) {
    strides_[name] = stride;
    if (needed_.count(name) == 0) return;
    deepest_.h = std::max(deepest_.h, stride.h);
    deepest_.w = std::max(deepest_.w, stride.w);
  }

  const ModelSpec& spec_;
  const OpTable& ops_;
  std::set<std::string> needed_;
  std::map<std::string, Stride> strides_;
  Stride deepest_;
};

}  // namespace

Extent2 deepest_stride(const ModelSpec& spec, const OpTable& ops) { return StrideFinder(spec, ops).run(); }

}  // namespace fcngraph::dsl
