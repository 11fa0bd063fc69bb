// SPDX-License-Identifier: Apache-2.0
#include "build_plan.h"

#include <algorithm>

#include "place_buffers.h"

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
    const Value& value = graph().value(result);
    if (value.uses.empty() && !graph().is_output(result)) return r == 0 ? add_slot(result, Storage::arena) : -1;
    return add_slot(result, node.phase == Phase::setup ? Storage::resident : Storage::arena);
  }

  void place() {
    const auto count = static_cast<std::int32_t>(plan_.steps.size());
    std::vector<std::int32_t> first(plan_.slots.size(), -1), last(plan_.slots.size(), -1);
    for (std::int32_t s = 0; s < count; ++s) {
      for (const auto* list : {&plan_.steps[s].operands, &plan_.steps[s].results}) {
        for (const std::int32_t slot : *list) {
          if (slot < 0) continue;
          if (first[slot] < 0) first[slot] = s;
          last[slot] = s;
        }
      }
    }
    for (const auto& [name, slot] : plan_.outputs) last[slot] = count - 1;
    const std::vector<std::int32_t> home = reuse_in_place(first, last);

    std::vector<Interval> intervals;
    std::vector<std::int32_t> interval_of(plan_.slots.size(), -1);
    for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
      if (plan_.slots[i].storage == Storage::resident) {
        plan_.slots[i].offset = plan_.resident_bytes;
        plan_.resident_bytes += (plan_.slots[i].bytes + 63) / 64 * 64;
      }
      if (plan_.slots[i].storage != Storage::arena || home[i] != static_cast<std::int32_t>(i)) continue;
      interval_of[i] = static_cast<std::int32_t>(intervals.size());
      intervals.push_back({plan_.slots[i].bytes, first[i], last[i], 0});
    }
    const std::size_t tensors = intervals.size();
    for (std::int32_t s = 0; s < count; ++s) {
      if (plan_.steps[s].workspace_bytes > 0) intervals.push_back({plan_.steps[s].workspace_bytes, s, s, 0});
    }
    plan_.arena_bytes = place_buffers(intervals);
    plan_.live_peak_bytes = live_peak(intervals, count);
    for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
      if (plan_.slots[i].storage == Storage::arena) plan_.slots[i].offset = intervals[interval_of[home[i]]].offset;
    }
    std::size_t next = tensors;
    for (Step& step : plan_.steps) {
      if (step.workspace_bytes > 0) step.workspace_offset = intervals[next++].offset;
    }
  }

  // For each slot, the slot whose memory it shares: an elementwise step may write over an operand that dies with it.
  std::vector<std::int32_t> reuse_in_place(const std::vector<std::int32_t>& first, std::vector<std::int32_t>& last) {
    std::vector<std::int32_t> home(plan_.slots.size());
    for (std::size_t i = 0; i < home.size(); ++i) home[i] = static_cast<std::int32_t>(i);
    for (std::int32_t s = 0; s < static_cast<std::int32_t>(plan_.steps.size()); ++s) {
      const Step& step = plan_.steps[s];
      if (!graph().node(step.node).op->in_place || step.phase == Phase::setup) continue;
      const std::int32_t from = step.operands[0], to = step.results[0];
      if (from < 0 || to < 0 || plan_.slots[from].storage != Storage::arena ||
          plan_.slots[to].storage != Storage::arena)
        continue;
      const bool again = std::count(step.operands.begin(), step.operands.end(), from) > 1;
      if (again || last[from] != s || first[to] != s || plan_.slots[from].bytes != plan_.slots[to].bytes) continue;
      if (last[home[from]] > s) continue;
      home[to] = home[from];
      last[home[from]] = std::max(last[home[from]], last[to]);
    }
    return home;
  }

  Plan plan_;
  std::vector<std::int32_t> slot_of_;
};

}  // namespace

Plan build_plan(Graph graph, const PassContext& context) { return PlanBuilder(std::move(graph), context).run(); }

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

double Plan::flops(Phase phase) const {
  double sum = 0;
  for (const Step& step : steps) sum += step.phase == phase ? step.cost.flops : 0.0;
  return sum;
}

}  // namespace fcngraph
