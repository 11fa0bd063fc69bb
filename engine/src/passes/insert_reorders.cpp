// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <tuple>

#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/passes.h>

#include "layout_answer.h"

namespace fcngraph {
namespace {

class ReorderInserter {
 public:
  ReorderInserter(Rewriter& rewriter, const PassContext& context) : rewriter_(rewriter), context_(context) {}

  bool run() {
    const std::vector<NodeId> order = graph().order();
    for (const NodeId id : order) {
      if (graph().node(id).op != &ops::reorder()) feed(id);
    }
    make_outputs_plain();
    return rewriter_.changed();
  }

 private:
  const Graph& graph() const { return rewriter_.graph(); }

  // Every operand in the layout that the backend reads it in.
  void feed(NodeId id) {
    const Phase phase = graph().node(id).phase;
    const Capability answer = layout_answer(graph(), id, context_);
    const std::vector<ValueId> operands = graph().node(id).operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (!operands[i].valid()) continue;
      const ValueId kept = as_kept(operands[i], phase, id);
      const Layout wanted = i < answer.operands.size() ? answer.operands[i] : Layout{};
      rewriter_.set_operand(id, i, in_layout(kept, wanted, phase_of_copy(kept, phase), id));
    }
  }

  // A value that is kept by sample has to lie by sample; nodes behind the cut start from it as it is kept.
  ValueId as_kept(ValueId id, Phase reader, NodeId before) {
    return is_kept_otherwise(graph(), id, reader) ? in_layout(id, {}, Phase::feature, before) : id;
  }

  // The value itself where it lies as wanted, else its copy in that layout, made once.
  ValueId in_layout(ValueId id, const Layout& wanted, Phase phase, NodeId before) {
    if (graph().value(id).type.layout.tag == wanted.tag) return id;
    const auto [known, fresh] = copies_.try_emplace({id, wanted.tag, phase == Phase::feature});
    if (!fresh) return known->second;
    rewriter_.insert_before(before);
    const Value& value = graph().value(id);
    NodeInit init{rewriter_.unique_name(value.name + (wanted.is_plain() ? ".plain" : "." + wanted.tag)),
                  &ops::reorder(),
                  NoAttrs{},
                  {id},
                  phase,
                  value.span,
                  nullptr};
    known->second = rewriter_.add_value(std::move(init));
    FCNGRAPH_ASSERT(known->second.valid(), "a reorder always fits");
    rewriter_.set_layout(known->second, wanted);
    return known->second;
  }

  // A copy is made where the value is, but what is kept is kept once: others behind the cut make their copies there.
  Phase phase_of_copy(ValueId id, Phase reader) const {
    const Value& value = graph().value(id);
    if (!value.producer.valid()) return reader == Phase::feature ? Phase::feature : Phase::forward;
    return crosses_cut(graph(), id, reader) ? Phase::forward : graph().node(value.producer).phase;
  }

  void make_outputs_plain() {
    const auto outputs = graph().outputs();
    for (const auto& [name, value] : outputs) {
      const ValueId kept = as_kept(value, Phase::forward, {});
      const ValueId plain = in_layout(kept, {}, phase_of_copy(kept, Phase::forward), {});
      if (plain != value) rewriter_.set_output(name, plain);
    }
  }

  Rewriter& rewriter_;
  const PassContext& context_;
  std::map<std::tuple<ValueId, std::string, bool>, ValueId> copies_;  ///< by value, layout, and whether before the cut
};

}  // namespace

bool insert_reorders(Rewriter& rewriter, const PassContext& context) {
  return ReorderInserter(rewriter, context).run();
}

}  // namespace fcngraph
