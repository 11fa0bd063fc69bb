// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/explain_size.h>

#include <algorithm>
#include <set>

namespace fcngraph {
namespace {

constexpr std::size_t kShown = 3;

struct Size {
  std::int64_t h = 0, w = 0;
  auto operator<=>(const Size&) const = default;
};

bool is_image(const Value& value) {
  return value.type.shape.rank() == 4 && (value.role == Role::result || value.role == Role::input);
}

Size size_of(const Value& value) { return {value.type.shape[2], value.type.shape[3]}; }

std::string text(Size size) { return std::to_string(size.h) + "x" + std::to_string(size.w); }

/// "halves 56x56", "multiplies 7x7 by 32", "turns 226x226 into 224x224"
std::string change(Size from, Size to) {
  const auto by = [](Size small, Size large) -> std::int64_t {
    const bool whole = small.h > 0 && small.w > 0 && large.h % small.h == 0 && large.w == large.h / small.h * small.w;
    return whole ? large.h / small.h : 0;
  };
  if (const std::int64_t factor = by(to, from); factor > 1)
    return factor == 2 ? "halves " + text(from) : "divides " + text(from) + " by " + std::to_string(factor);
  if (const std::int64_t factor = by(from, to); factor > 1)
    return factor == 2 ? "doubles " + text(from) : "multiplies " + text(from) + " by " + std::to_string(factor);
  return "turns " + text(from) + " into " + text(to);
}

/// The operand that a node's size comes from: the first image of that size, else the first image.
ValueId origin_of(const Graph& graph, const Node& node, Size size) {
  ValueId first;
  for (const ValueId operand : node.operands) {
    if (!operand.valid() || !is_image(graph.value(operand))) continue;
    if (size_of(graph.value(operand)) == size) return operand;
    if (!first.valid()) first = operand;
  }
  return first;
}

}  // namespace

std::string explain_size(const Graph& graph, ValueId id) {
  if (!id.valid() || !is_image(graph.value(id))) return {};
  std::vector<std::string> changes;
  ValueId at = id;
  while (graph.value(at).producer.valid()) {
    const Node& node = graph.node(graph.value(at).producer);
    const Size size = size_of(graph.value(at));
    const ValueId from = origin_of(graph, node, size);
    if (!from.valid()) break;
    const Size before = size_of(graph.value(from));
    if (before != size) changes.push_back("'" + node.name + "' " + change(before, size));
    at = from;
  }
  const Value& origin = graph.value(at);
  std::string out = "'" + graph.value(id).name + "' is " + text(size_of(graph.value(id)));
  if (changes.empty()) return at == id ? out : out + " as '" + origin.name + "' is";
  const std::size_t more = changes.size() > kShown + 1 ? changes.size() - kShown : 0;
  if (more > 0) {
    changes.resize(kShown);
    changes.push_back(std::to_string(more) + " more nodes change " + text(size_of(origin)));
  }
  out += " because ";
  for (std::size_t i = 0; i < changes.size(); ++i)
    out += (i == 0 ? "" : i + 1 == changes.size() ? " and " : ", ") + changes[i];
  return out + " of '" + origin.name + "'";
}

std::vector<std::string> explain_sizes(const Graph& graph, std::span<const ValueId> values) {
  std::set<Size> sizes;
  std::vector<std::string> out;
  for (const ValueId id : values) {
    if (!id.valid() || !is_image(graph.value(id))) continue;
    sizes.insert(size_of(graph.value(id)));
    out.push_back(explain_size(graph, id));
  }
  if (sizes.size() < 2) out.clear();
  return out;
}

}  // namespace fcngraph
