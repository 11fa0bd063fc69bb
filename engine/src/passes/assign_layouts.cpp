// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <tuple>

#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/passes.h>

namespace fcngraph {
namespace {

class LayoutAssigner {
 public:
  LayoutAssigner(Rewriter& rewriter, const PassContext& context) : rewriter_(rewriter), context_(context) {}

  bool run() {
    const std::vector<NodeId> order = graph().order();
    for (const NodeId id : order) assign(id);
    rewriter_.insert_before({});
    make_outputs_plain();
    return true;
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }

  StepView view_of(const Node& node) const {
    StepView view{node.name, node.op, &node.attrs, {}, {}, node.body.get()};
    for (const ValueId id : node.operands) view.operands.push_back(id.valid() ? &graph().value(id).type : nullptr);
    for (const ValueId id : node.results) {
      const bool used = !graph().value(id).uses.empty() || graph().is_output(id) || is_update(node, id);
      view.results.push_back(used ? &graph().value(id).type : nullptr);
    }
    return view;
  }

  static bool is_update(const Node& node, ValueId result) {
    for (const StateUpdate& update : node.op->updates) {
      if (update.result < node.results.size() && node.results[update.result] == result) return true;
    }
    return false;
  }

  bool crosses_cut(ValueId value, Phase reader) const {
    const NodeId producer = graph().value(value).producer;
    return producer.valid() && graph().node(producer).phase == Phase::feature && reader != Phase::feature;
  }

  // A value that is kept by sample has to lie by sample; nodes behind the cut start from it as it is kept.
  ValueId as_kept(ValueId id, Phase reader, NodeId before) {
    if (!crosses_cut(id, reader) || samples_lie_apart(graph().value(id).type)) return id;
    return in_layout(id, {}, Phase::feature, before);
  }

  void assign(NodeId id) {
    const Phase phase = graph().node(id).phase;
    const std::vector<ValueId> given = graph().node(id).operands;
    for (std::size_t i = 0; i < given.size(); ++i) {
      if (given[i].valid()) rewriter_.set_operand(id, i, as_kept(given[i], phase, id));
    }
    const Capability answer = context_.backend->capability(view_of(graph().node(id)), context_.policy);
    if (!answer.supported) {
      const Node& node = graph().node(id);
      rewriter_.diagnostics().error("E0303", node.span,
                                    "node '" + node.name + "': backend '" + std::string(context_.backend->name()) +
                                        "' cannot run '" + node.op->name + "': " + answer.reason);
      return;
    }
    const std::vector<ValueId> operands = graph().node(id).operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (!operands[i].valid()) continue;
      const Layout wanted = i < answer.operands.size() ? answer.operands[i] : Layout{};
      rewriter_.set_operand(id, i, in_layout(operands[i], wanted, phase_of_copy(operands[i], phase), id));
    }
    const std::vector<ValueId> results = graph().node(id).results;
    for (std::size_t r = 0; r < results.size(); ++r)
      rewriter_.set_layout(results[r], r < answer.results.size() ? answer.results[r] : Layout{});
    rewriter_.set_kernel(id, answer.kernel, answer.reason, answer.workspace);
  }

  // The value itself where it lies as wanted, else its copy in that layout, made once.
  ValueId in_layout(ValueId id, const Layout& wanted, Phase phase, NodeId before) {
    const TensorType type = graph().value(id).type;
    if (type.layout.tag == wanted.tag) return id;
    const auto [known, fresh] = copies_.try_emplace({id, wanted.tag, phase == Phase::feature});
    if (!fresh) return known->second;
    rewriter_.insert_before(before);
    NodeInit init{rewriter_.unique_name(graph().value(id).name + (wanted.is_plain() ? ".plain" : "." + wanted.tag)),
                  &ops::reorder(),
                  NoAttrs{},
                  {id},
                  phase,
                  graph().value(id).span,
                  nullptr};
    const ValueId copy = rewriter_.add_value(std::move(init));
    FCNGRAPH_ASSERT(copy.valid(), "a reorder always fits");
    rewriter_.set_layout(copy, wanted);
    const NodeId node = graph().value(copy).producer;
    const Capability answer = context_.backend->capability(view_of_reorder(graph().node(node)), context_.policy);
    FCNGRAPH_ASSERT(answer.supported, "backend cannot reorder to the layout that it asked for: " + answer.reason);
    rewriter_.set_kernel(node, answer.kernel, answer.reason, answer.workspace);
    known->second = copy;
    return copy;
  }

  // A copy is made where the value is, but what is kept is kept once: others behind the cut make their copies there.
  Phase phase_of_copy(ValueId id, Phase reader) const {
    const Value& value = graph().value(id);
    if (!value.producer.valid()) return reader == Phase::feature ? Phase::feature : Phase::forward;
    return crosses_cut(id, reader) ? Phase::forward : graph().node(value.producer).phase;
  }

  StepView view_of_reorder(const Node& node) const {
    return {node.name,
            node.op,
            &node.attrs,
            {&graph().value(node.operands[0]).type},
            {&graph().value(node.results[0]).type},
            nullptr};
  }

  void make_outputs_plain() {
    const auto outputs = graph().outputs();
    for (const auto& [name, value] : outputs) {
      const ValueId kept = as_kept(value, Phase::forward, {});
      rewriter_.set_output(name, in_layout(kept, {}, phase_of_copy(kept, Phase::forward), {}));
    }
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  std::map<std::tuple<ValueId, std::string, bool>, ValueId> copies_;  ///< by value, layout, and whether before the cut
};

}  // namespace

bool assign_layouts(Rewriter& rewriter, const PassContext& context) { return LayoutAssigner(rewriter, context).run(); }

}  // namespace fcngraph
