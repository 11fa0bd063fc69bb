// SPDX-License-Identifier: Apache-2.0
#include "same_graph.h"

#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph::testing {
namespace {

std::vector<std::string> names_of(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<std::string> out;
  for (const ValueId id : values) out.push_back(id.valid() ? graph.value(id).name : std::string("(absent)"));
  return out;
}

std::string declared_difference(const Graph& a, const Graph& b) {
  for (const Role role : {Role::input, Role::parameter, Role::state, Role::constant}) {
    const auto in_a = a.values_with(role), in_b = b.values_with(role);
    if (names_of(a, in_a) != names_of(b, in_b)) return "the values bound from outside";
    for (std::size_t i = 0; i < in_a.size(); ++i) {
      const Value &x = a.value(in_a[i]), &y = b.value(in_b[i]);
      if (x.type != y.type) return "type of " + x.name;
      if (x.trainable != y.trainable || x.init != y.init) return "start of " + x.name;
      if (x.data != y.data) return "data of " + x.name;
      if (x.uses.size() != y.uses.size()) return "uses of " + x.name;
    }
  }
  return {};
}

std::string node_difference(const Graph& a, const Node& x, const Graph& b, const Node& y) {
  if (x.name != y.name) return "node " + x.name + " or " + y.name;
  if (x.op != y.op) return "op of " + x.name;
  if (!(x.attrs == y.attrs)) return "attributes of " + x.name;
  if (names_of(a, x.operands) != names_of(b, y.operands)) return "operands of " + x.name;
  if (names_of(a, x.results) != names_of(b, y.results)) return "results of " + x.name;
  if (x.phase != y.phase) return "phase of " + x.name;
  if (x.kernel != y.kernel || x.reason != y.reason || x.workspace != y.workspace) return "kernel of " + x.name;
  for (std::size_t r = 0; r < x.results.size(); ++r) {
    const Value &v = a.value(x.results[r]), &w = b.value(y.results[r]);
    if (v.type != w.type) return "type of " + v.name + ": " + to_string(v.type) + " or " + to_string(w.type);
    if (v.uses.size() != w.uses.size()) return "uses of " + v.name;
  }
  if ((x.body == nullptr) != (y.body == nullptr)) return "body of " + x.name;
  if (x.body == nullptr) return {};
  const std::string inside = first_difference(*x.body, *y.body);
  return inside.empty() ? inside : "in the body of " + x.name + ": " + inside;
}

std::vector<std::pair<std::string, std::string>> bound_names(const Graph& graph, bool outputs) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : outputs ? graph.outputs() : graph.aliases())
    out.emplace_back(name, graph.value(value).name);
  return out;
}

}  // namespace

std::string first_difference(const Graph& a, const Graph& b) {
  if (a.name() != b.name()) return "name";
  if (const std::string declared = declared_difference(a, b); !declared.empty()) return declared;
  if (a.order().size() != b.order().size()) return "number of nodes";
  auto other = b.order().begin();
  for (const NodeId id : a.order()) {
    const std::string difference = node_difference(a, a.node(id), b, b.node(*other++));
    if (!difference.empty()) return difference;
  }
  if (bound_names(a, true) != bound_names(b, true)) return "outputs";
  if (bound_names(a, false) != bound_names(b, false)) return "aliases";
  return {};
}

}  // namespace fcngraph::testing
