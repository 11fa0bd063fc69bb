// SPDX-License-Identifier: Apache-2.0
#include "node_loop.h"

#include <string>
#include <vector>

#include "names.h"
#include "scope.h"

namespace fcngraph::dsl {
namespace {

std::string written_name(const TomlValue& node, std::int64_t repetition) {
  const auto* name = node.find("name");
  if (name == nullptr || !name->is_string()) return {};
  std::string out = name->text;
  if (const auto at = out.find("{i}"); at != std::string::npos) out.replace(at, 3, std::to_string(repetition));
  return out;
}

/// Places in the list of what a node reads, as far as they are in the list.
std::vector<std::size_t> reads(std::span<const TomlValue> list, std::size_t index, std::int64_t repetition) {
  const auto* inputs = list[index].find("inputs");
  if (inputs == nullptr) return index > 0 ? std::vector<std::size_t>{index - 1} : std::vector<std::size_t>{};
  std::vector<std::string> wanted;
  if (inputs->is_string()) wanted.push_back(inputs->text);
  for (const auto& item : inputs->items) wanted.push_back(item.text);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto name = written_name(list[i], repetition);
    for (const auto& w : wanted) {
      if (w == name) out.push_back(i);
    }
  }
  return out;
}

/// The nodes on a way from `from` back to `to`, both included, or nothing.
std::vector<std::string> way(std::span<const TomlValue> list, std::size_t from, std::size_t to,
                             std::int64_t repetition) {
  std::vector<std::size_t> came(list.size(), list.size());
  std::vector<std::size_t> queue{from};
  came[from] = from;
  for (std::size_t at = 0; at < queue.size() && came[to] == list.size(); ++at) {
    for (const auto next : reads(list, queue[at], repetition)) {
      if (came[next] != list.size()) continue;
      came[next] = queue[at];
      queue.push_back(next);
    }
  }
  if (came[to] == list.size()) return {};
  std::vector<std::string> back;
  for (std::size_t at = to; at != from; at = came[at]) back.push_back(written_name(list[at], repetition));
  back.push_back(written_name(list[from], repetition));
  return {back.rbegin(), back.rend()};
}

}  // namespace

bool report_order(std::span<const TomlValue> list, std::size_t index, const Spanned<std::string>& name,
                  std::int64_t repetition, Diagnostics& diagnostics) {
  constexpr std::size_t kSearched = 2000;  // the search is quadratic in the length of the list
  const auto self = written_name(list[index], repetition);
  for (std::size_t i = index; i < list.size(); ++i) {
    if (written_name(list[i], repetition) != *name) continue;
    if (i == index) {
      diagnostics.error("E0204", name.span, "node '" + self + "' reads itself");
      return true;
    }
    const bool search = list.size() <= kSearched && worth_a_guess(diagnostics);
    const auto loop = search ? way(list, i, index, repetition) : std::vector<std::string>{};
    if (loop.empty()) {
      diagnostics.error("E0204", name.span, "node '" + self + "' reads '" + *name + "', which is declared below it",
                        "declare what is read first", {"'" + *name + "' is declared at " + place_of(list[i].span)});
    } else {
      diagnostics.error("E0204", name.span, "nodes read each other in a loop: " + self + " -> " + join(loop, " -> "));
    }
    return true;
  }
  return false;
}

}  // namespace fcngraph::dsl
