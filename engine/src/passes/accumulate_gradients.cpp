// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/accumulate.h>
#include <fcngraph/engine/ops/batch_norm.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

constexpr std::string_view kGradient = "grad.";
constexpr std::size_t kNormalizer = 2;  // operand of mean_loss and of its gradient

// The number of pixels that the loss of a part is divided by is that of the whole batch.
void divide_by_input(Rewriter& rewriter) {
  ValueId normalizer;
  const std::vector<NodeId> order = rewriter.graph().order();
  for (const NodeId id : order) {
    const Node& node = rewriter.graph().node(id);
    if ((node.op != &ops::mean_loss() && node.op != &ops::mean_loss_grad()) || node.operands[kNormalizer].valid())
      continue;
    if (!normalizer.valid()) {
      const DType dtype = rewriter.graph().value(node.results[0]).type.dtype;
      normalizer = rewriter.add_input("normalizer", {dtype, Shape{}, {}});
    }
    rewriter.set_operand(id, kNormalizer, normalizer);
  }
}

}  // namespace

bool accumulate_gradients(Rewriter& rewriter, const PassContext& context) {
  if (context.parts <= 1) return false;
  for (const NodeId id : rewriter.graph().order()) {
    const Node& node = rewriter.graph().node(id);
    if (node.op != &ops::batch_norm()) continue;
    rewriter.diagnostics().error("E0305", node.span,
                                 "node '" + node.name +
                                     "' takes its statistics over the whole batch, which cannot go through in " +
                                     std::to_string(context.parts) + " parts");
    return false;
  }
  divide_by_input(rewriter);
  const ValueId keep = rewriter.add_input("keep_gradients", {DType::f32, Shape{}, {}});
  const auto outputs = rewriter.graph().outputs();
  for (const auto& [name, gradient] : outputs) {
    if (!name.starts_with(kGradient)) continue;
    const std::string sum_name = std::string(kGradientSum) + name.substr(kGradient.size());
    const TensorType type = rewriter.graph().value(gradient).type;
    const ValueId sum = rewriter.add_state(sum_name, {type.dtype, type.shape, {}}, {});
    const ValueId total = rewriter.add_value({rewriter.unique_name(sum_name + ".new"),
                                              &ops::accumulate(),
                                              NoAttrs{},
                                              {sum, gradient, keep},
                                              Phase::backward,
                                              {},
                                              nullptr});
    FCNGRAPH_ASSERT(total.valid(), "a gradient adds up in a tensor of its type");
    rewriter.set_output(name, total);
  }
  return true;
}

}  // namespace fcngraph
