// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/text.h>

#include "command.h"
#include "pipeline_watch.h"
#include "plan_options.h"
#include "plan_svg.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

Json names_of(const Plan& plan, const std::vector<std::int32_t>& slots) {
  Json out = Json::array();
  for (const auto slot : slots)
    out.push_back(slot < 0 ? Json(nullptr) : Json(plan.slots[static_cast<std::size_t>(slot)].name));
  return out;
}

Json attributes_of(const Node& node) {
  Json out = Json::object();
  for (const auto& [name, value] : node.attrs.to_map())
    out[name] = std::visit([](const auto& v) { return Json(v); }, value);
  return out;
}

std::string as_json(const Program& program) {
  const auto& plan = program.plan();
  Json steps = Json::array(), slots = Json::array(), inputs = Json::object(), outputs = Json::object();
  for (const auto& step : plan.steps) {
    const auto& node = plan.graph.node(step.node);
    steps.push_back({{"name", step.name},
                     {"op", node.op->name},
                     {"attributes", attributes_of(node)},
                     {"operands", names_of(plan, step.operands)},
                     {"results", names_of(plan, step.results)},
                     {"kernel", step.kernel},
                     {"reason", step.reason},
                     {"flops", step.cost.flops},
                     {"bytes", step.cost.bytes}});
  }
  static constexpr const char* kStorages[] = {"arena", "input", "saved", "constant", "resident"};
  for (const auto& slot : plan.slots) {
    slots.push_back({{"name", slot.name},
                     {"type", to_string(slot.type)},
                     {"storage", kStorages[static_cast<std::size_t>(slot.storage)]},
                     {"offset", slot.offset},
                     {"bytes", slot.bytes}});
  }
  for (const auto& [name, slot] : plan.inputs) inputs[name] = plan.slots[static_cast<std::size_t>(slot)].name;
  for (const auto& [name, slot] : plan.outputs) outputs[name] = plan.slots[static_cast<std::size_t>(slot)].name;
  const Json out = {{"backend", program.backend()},    {"arena_bytes", plan.arena_bytes},
                    {"saved_bytes", plan.saved_bytes}, {"resident_bytes", plan.resident_bytes},
                    {"inputs", std::move(inputs)},     {"outputs", std::move(outputs)},
                    {"steps", std::move(steps)},       {"slots", std::move(slots)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Graphviz: a box a step, an edge a tensor, labelled with its type.
std::string as_dot(const Program& program) {
  const auto& plan = program.plan();
  std::vector<std::string> maker(plan.slots.size());
  std::string out = "digraph plan {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (const auto& [name, slot] : plan.inputs) {
    maker[static_cast<std::size_t>(slot)] = name;
    out += fmt::format("  {} [shape=ellipse];\n", json_text(name));
  }
  for (const auto& step : plan.steps) {
    out += fmt::format("  {} [label={}];\n", json_text("step:" + step.name),
                       json_text(step.name + "\n" + plan.graph.node(step.node).op->name));
    for (const auto slot : step.operands) {
      if (slot < 0 || maker[static_cast<std::size_t>(slot)].empty()) continue;
      out += fmt::format("  {} -> {} [label={}];\n", json_text(maker[static_cast<std::size_t>(slot)]),
                         json_text("step:" + step.name),
                         json_text(to_string(plan.slots[static_cast<std::size_t>(slot)].type)));
    }
    for (const auto slot : step.results) {
      if (slot >= 0) maker[static_cast<std::size_t>(slot)] = "step:" + step.name;
    }
  }
  return out + "}\n";
}

int run(const Arguments& arguments) {
  const auto model = plan_model(arguments);
  PipelineWatch watch(arguments);
  auto options = compile_options(arguments);
  options.pipeline = watch.options();
  const bool stops = !options.pipeline.stop_after.empty();
  const auto form = arguments.text("emit", stops ? "graph" : "plan");
  if (stops && form != "graph")
    throw UsageError(fmt::format("--stop-after leaves a graph, not a plan: --emit {} needs every pass", form));
  if (form == "graph") {
    const auto graph = model.lower(options);
    watch.finish();
    print(to_text(graph));
    return kOk;
  }
  const auto program = model.compile(options);
  watch.finish();
  if (form == "plan") print(to_text(program.plan()));
  if (form == "json") print(as_json(program));
  if (form == "dot") print(as_dot(program));
  if (form == "svg") print(as_svg(program.plan()));
  return kOk;
}

}  // namespace

Command compile_command() {
  std::vector<Option> options = {
      {"emit", Arity::one, "FORM", "graph, plan (default), json, dot or svg", {"graph", "plan", "json", "dot", "svg"}}};
  append(options, plan_options());
  append(options, pipeline_options());
  append(options, {stop_after_option()});
  return {"compile", "prints what the compiler makes of a model", "GRAPH.toml", std::move(options), run};
}

}  // namespace fcngraph::cli
