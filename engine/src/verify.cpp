// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/pass.h>

namespace fcngraph {
namespace {

class Verifier {
 public:
  Verifier(const Graph& graph, std::string_view after) : graph_(graph), after_(after) {}

  void run() {
    available_.assign(graph_.value_count(), false);
    reads_.assign(graph_.value_count(), 0);
    for (const Role role : {Role::input, Role::parameter, Role::state, Role::constant}) {
      for (const ValueId id : graph_.values_with(role)) available_[id.index] = true;
    }
    for (const NodeId id : graph_.order()) check_node(id);
    for (const auto& output : graph_.outputs())
      require(available_[output.second.index], [&] { return "output '" + output.first + "' is not computed"; });
    check_uses();
  }

 private:
  // `what` is a function: the words of a graph that is whole are never put together.
  template <class Words>
  void require(bool condition, const Words& what) const {
    if (!condition) throw InternalError("the graph is broken after " + std::string(after_) + ": " + what());
  }

  void check_node(NodeId id) {
    const Node& node = graph_.node(id);
    require(!node.erased, [&] { return "erased node '" + node.name + "' is still in the order"; });
    require(graph_.find_node(node.name) == id, [&] { return "node '" + node.name + "' is not found by its name"; });
    std::vector<const TensorType*> types;
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      const ValueId operand = node.operands[i];
      types.push_back(operand.valid() ? &graph_.value(operand).type : nullptr);
      if (!operand.valid()) continue;
      require(available_[operand.index], [&] {
        return "node '" + node.name + "' reads '" + graph_.value(operand).name + "' before it is computed";
      });
      ++reads_[operand.index];
    }
    check_types(node, types);
    for (const ValueId result : node.results) {
      require(graph_.value(result).producer == id,
              [&] { return "value '" + graph_.value(result).name + "' names another producer"; });
      available_[result.index] = true;
    }
  }

  void check_types(const Node& node, const std::vector<const TensorType*>& types) const {
    Diagnostics diagnostics;
    const auto inferred = node.op->infer({node.attrs, types, node.body.get(), node.name, node.span, diagnostics});
    require(!diagnostics.has_errors(), [&] { return render(diagnostics.all()); });
    require(inferred.size() == node.results.size(),
            [&] { return "node '" + node.name + "' has another number of results than its shape rule"; });
    for (std::size_t r = 0; r < inferred.size(); ++r) {
      const TensorType& type = graph_.value(node.results[r]).type;
      require(inferred[r].dtype == type.dtype && inferred[r].shape == type.shape, [&] {
        return "node '" + node.name + "' has type " + to_string(type) + ", its shape rule says " +
               to_string(inferred[r]);
      });
    }
  }

  // Each use that a value lists is there and listed once, and there are as many as operands that name it: none is missing.
  void check_uses() const {
    std::vector<Use> uses;
    for (std::size_t v = 0; v < graph_.value_count(); ++v) {
      const Value& value = graph_.value({static_cast<std::int32_t>(v)});
      uses = value.uses;
      std::sort(uses.begin(), uses.end());
      require(std::adjacent_find(uses.begin(), uses.end()) == uses.end(),
              [&] { return "value '" + value.name + "' lists a use twice"; });
      for (const Use& use : uses) {
        const Node& user = graph_.node(use.node);
        require(!user.erased && user.operands.at(use.operand).index == static_cast<std::int32_t>(v),
                [&] { return "value '" + value.name + "' lists a use that is not there"; });
      }
      require(uses.size() == reads_[v], [&] { return "value '" + value.name + "' does not know all of its users"; });
    }
  }

  const Graph& graph_;
  std::string_view after_;
  std::vector<bool> available_;
  std::vector<std::size_t> reads_;  // by value, as operands count them
};

}  // namespace

void verify(const Graph& graph, std::string_view after) { Verifier(graph, after).run(); }

bool glob_match(std::string_view pattern, std::string_view text) {
  // Iterative with one point to return to: linear in practice, never exponential.
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace fcngraph
