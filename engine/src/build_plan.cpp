// SPDX-License-Identifier: Apache-2.0
#include "build_plan.h"

#include <algorithm>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/batch_norm.h>
#include <fcngraph/engine/passes.h>

#include "reuse_buffers.h"

namespace fcngraph {
namespace {

// A region costs what its body does.
double flops_of(const Graph& graph, const Node& node) {
  double sum = 0;
  if (node.body) {
    for (const NodeId id : node.body->order()) sum += flops_of(*node.body, node.body->node(id));
  }
  if (!node.op->flops) return sum;
  std::vector<const TensorType*> operands, results;
  for (const ValueId id : node.operands) operands.push_back(id.valid() ? &graph.value(id).type : nullptr);
  for (const ValueId id : node.results) results.push_back(&graph.value(id).type);
  return sum + node.op->flops(node.attrs, operands, results);
}

class PlanBuilder {
 public:
  PlanBuilder(Graph graph, const PassContext& context) {
    plan_.graph = std::move(graph);
    plan_.backend = std::string(context.backend->name());
    plan_.precision = context.precision.narrow.empty() ? context.policy.products : context.precision.storage;
    add_wide(context.precision);
    slot_of_.assign(plan_.graph.value_count(), -1);
  }

  Plan run() {
    add_bound_slots();
    for (const NodeId id : graph().order()) add_step(id);
    for (const auto& [name, value] : graph().outputs()) plan_.outputs.emplace_back(name, slot(value));
    place();
    return std::move(plan_);
  }

 private:
  const Graph& graph() const { return plan_.graph; }
  std::int32_t slot(ValueId id) const { return id.valid() ? slot_of_[id.index] : -1; }

  // Those that were fused away count too: they are why what they are part of stays in f32.
  void add_wide(const PrecisionPolicy& policy) {
    if (policy.storage != DType::f16) return;
    for (const auto& [name, range] : policy.ranges) {
      if (!range.fits() && graph().find_value(name).valid()) plan_.kept_wide.emplace_back(name, range);
    }
  }

  std::int32_t add_slot(ValueId id, Storage storage) {
    const Value& value = graph().value(id);
    slot_of_[id.index] = static_cast<std::int32_t>(plan_.slots.size());
    plan_.slots.push_back({value.name, value.type, storage, 0, bytes_of(value.type), id});
    return slot_of_[id.index];
  }

  void add_bound_slots() {
    for (const ValueId id : graph().values_with(Role::input)) {
      if (!graph().value(id).uses.empty() || graph().is_output(id))
        plan_.inputs.emplace_back(graph().value(id).name, add_slot(id, Storage::input));
    }
    for (const Role role : {Role::parameter, Role::state}) {
      for (const ValueId id : graph().values_with(role)) {
        if (graph().value(id).uses.empty() && !graph().is_output(id)) continue;
        plan_.saved_bytes += plan_.slots[add_slot(id, Storage::saved)].bytes;
      }
    }
    for (const ValueId id : graph().values_with(Role::constant)) {
      if (!graph().value(id).uses.empty() || graph().is_output(id)) add_slot(id, Storage::constant);
    }
  }

  void add_step(NodeId id) {
    const Node& node = graph().node(id);
    Step step{node.name, id, node.phase, {}, {}, node.kernel, node.reason, 0, node.workspace, {}};
    for (const ValueId operand : node.operands) step.operands.push_back(slot(operand));
    for (std::size_t r = 0; r < node.results.size(); ++r) step.results.push_back(result_slot(node, r));
    step.cost.flops = flops_of(graph(), node);
    for (const auto* list : {&step.operands, &step.results}) {
      for (const std::int32_t s : *list) step.cost.bytes += s < 0 ? 0.0 : static_cast<double>(plan_.slots[s].bytes);
    }
    plan_.steps.push_back(std::move(step));
  }

  std::int32_t result_slot(const Node& node, std::size_t r) {
    const ValueId result = node.results[r];
    for (const StateUpdate& update : node.op->updates) {
      if (update.result != r) continue;
      // An update writes where the state lies; later steps read the new value there.
      return slot_of_[result.index] = slot(node.operands[update.operand]);
    }
    if (!is_made(graph(), node, r)) return -1;
    return add_slot(result, node.phase == Phase::setup ? Storage::resident : Storage::arena);
  }

  void place() {
    const std::vector<NodeId> order = graph().order();
    BufferUse use = reuse_buffers(graph(), order);
    plan_.arena_bytes = place_buffers(use.intervals);
    plan_.live_peak_bytes = live_peak(use.intervals);
    plan_.live_bytes = live_bytes(use.intervals, order.size());
    for (Slot& slot : plan_.slots) {
      if (slot.storage == Storage::arena) {
        slot.offset = use.intervals[use.of_value[slot.value.index]].offset;
        slot.last = use.last_read[slot.value.index];
      }
      if (slot.storage != Storage::resident) continue;
      slot.offset = plan_.resident_bytes;
      plan_.resident_bytes += (slot.bytes + 63) / 64 * 64;
    }
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      if (use.of_position[s] >= 0) plan_.steps[s].workspace_offset = use.intervals[use.of_position[s]].offset;
      for (const std::int32_t result : plan_.steps[s].results) {
        if (result < 0 || plan_.slots[result].storage != Storage::arena) continue;
        plan_.slots[result].first = static_cast<std::int32_t>(s);
        plan_.slots[result].last = std::max(plan_.slots[result].last, plan_.slots[result].first);
      }
    }
  }

  Plan plan_;
  std::vector<std::int32_t> slot_of_;
};

}  // namespace

Plan build_plan(Graph graph, const PassContext& context) { return PlanBuilder(std::move(graph), context).run(); }

std::int64_t live_peak_of(const Graph& graph) {
  const std::vector<NodeId> order = graph.order();
  return live_peak(reuse_buffers(graph, order).intervals);
}

StepView Plan::view(const Step& step) const {
  const Node& node = graph.node(step.node);
  StepView view{step.name, node.op, &node.attrs, {}, {}, node.body.get()};
  // Types come from the graph: a result that an update writes in place has its state's slot.
  for (const ValueId id : node.operands) view.operands.push_back(id.valid() ? &graph.value(id).type : nullptr);
  for (std::size_t r = 0; r < node.results.size(); ++r) {
    view.results.push_back(step.results[r] >= 0 ? &graph.value(node.results[r]).type : nullptr);
  }
  return view;
}

std::int64_t Plan::accumulated_bytes() const {
  std::int64_t bytes = 0;
  for (const Slot& slot : slots) {
    if (slot.storage == Storage::saved && slot.name.starts_with(kGradientSum)) bytes += slot.bytes;
  }
  return bytes;
}

bool has_batch_statistics(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [&](const Step& step) { return plan.graph.node(step.node).op == &ops::batch_norm(); });
}

double Plan::flops(Phase phase) const {
  double sum = 0;
  for (const Step& step : steps) sum += step.phase == phase ? step.cost.flops : 0.0;
  return sum;
}

}  // namespace fcngraph
