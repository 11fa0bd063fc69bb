// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fcngraph/engine/explain_size.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/passes.h>

#include "step_view.h"

namespace fcngraph {
namespace {

/// An ancestor of a value, and where the value's pixels lie in it.
struct Ancestor {
  ValueId value;
  CoordMap map;
};

/// The value itself, what it was made from, and so on as far as pixels have a place. Every op maps its first operand.
std::vector<Ancestor> ancestors_of(const Graph& graph, ValueId id) {
  std::vector<Ancestor> out{{id, {}}};
  while (graph.value(out.back().value).producer.valid()) {
    const auto [value, map] = out.back();
    const Node& node = graph.node(graph.value(value).producer);
    if (!node.op->coord_map) break;
    const CoordMap step = node.op->coord_map(node.attrs, step_view(graph, node).operands);
    out.push_back({node.operands[0],
                   {step.scale_h * map.scale_h, step.scale_w * map.scale_w, step.scale_h * map.offset_h + step.offset_h,
                    step.scale_w * map.offset_w + step.offset_w}});
  }
  return out;
}

/// Where pixel 0 of `like` lies along one axis of x, from where both lie in their common ancestor.
struct Axis {
  double x_scale, x_offset, like_scale, like_offset;
  std::int64_t x_size, like_size;

  bool same_scale() const { return std::abs(x_scale - like_scale) <= 1e-9 * std::abs(like_scale); }
  double place() const { return (like_offset - x_offset) / x_scale; }
  std::int64_t before() const { return std::llround(place()); }
  std::int64_t after() const { return x_size - like_size - before(); }
};

std::string number(double value) {
  return value == std::floor(value) ? std::to_string(std::llround(value)) : to_string(AttrValue(value));
}

/// What stands against cutting `like` out of x along this axis, or empty.
std::string mistake(const Axis& axis, const std::string& x, const std::string& like) {
  if (!axis.same_scale())
    return "a pixel of " + x + " is " + number(axis.x_scale) + " of their common ancestor, one of " + like + " is " +
           number(axis.like_scale);
  if (std::abs(axis.place() - std::round(axis.place())) > 1e-6)
    return like + " begins at pixel " + number(axis.place()) + " of " + x + ", and half a pixel cannot be cut";
  if (axis.before() < 0) return like + " begins " + std::to_string(-axis.before()) + " pixels before " + x;
  if (axis.after() < 0) return like + " ends " + std::to_string(-axis.after()) + " pixels after " + x;
  return {};
}

class CropAligner {
 public:
  explicit CropAligner(Rewriter& rewriter) : rewriter_(rewriter) {}

  void align(NodeId id) {
    const Node& node = graph().node(id);
    const auto of_x = ancestors_of(graph(), node.operands[0]), of_like = ancestors_of(graph(), node.operands[1]);
    for (const Ancestor& there : of_like) {
      const auto here =
          std::find_if(of_x.begin(), of_x.end(), [&](const Ancestor& a) { return a.value == there.value; });
      if (here != of_x.end()) return cut(id, here->map, there.map);
    }
    refuse(id, "they have no ancestor in common: " + name(node.operands[0]) + " goes back to " +
                   name(of_x.back().value) + ", " + name(node.operands[1]) + " to " + name(of_like.back().value));
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }
  std::string name(ValueId id) const { return "'" + graph().value(id).name + "'"; }

  void cut(NodeId id, const CoordMap& x, const CoordMap& like) {
    const std::vector<ValueId> operands = graph().node(id).operands;
    const Shape &large = graph().value(operands[0]).type.shape, &small = graph().value(operands[1]).type.shape;
    const Axis rows{x.scale_h, x.offset_h, like.scale_h, like.offset_h, large[2], small[2]};
    const Axis columns{x.scale_w, x.offset_w, like.scale_w, like.offset_w, large[3], small[3]};
    for (const Axis& axis : {rows, columns}) {
      if (const auto why = mistake(axis, name(operands[0]), name(operands[1])); !why.empty()) return refuse(id, why);
    }
    rewriter_.set_operand(id, 1, {});
    rewriter_.set_attrs(id, CropAttrs{{rows.before(), columns.before(), rows.after(), columns.after()}});
  }

  void refuse(NodeId id, const std::string& why) {
    const Node& node = graph().node(id);
    rewriter_.diagnostics().error(
        "E0305", node.span,
        "node '" + node.name + "' cannot cut " + name(node.operands[0]) + " to " + name(node.operands[1]) + ": " + why,
        {}, explain_sizes(graph(), node.operands));
  }

  Rewriter& rewriter_;
};

}  // namespace

bool align_crops(Rewriter& rewriter, const PassContext&) {
  CropAligner aligner(rewriter);
  // In order of execution: what comes before a crop has its place already.
  for (const NodeId id : rewriter.graph().order()) {
    const Node& node = rewriter.graph().node(id);
    if (node.op == &ops::crop() && node.operands[1].valid()) aligner.align(id);
  }
  return rewriter.changed();
}

}  // namespace fcngraph
