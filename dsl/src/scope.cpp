// SPDX-License-Identifier: Apache-2.0
#include "scope.h"

#include <algorithm>

namespace fcngraph::dsl {
namespace {

constexpr std::size_t kCandidates = 2000;
constexpr std::size_t kListed = 20;
constexpr std::size_t kGuesses = 200;

std::vector<std::string> candidates(const Scope& scope) {
  std::vector<std::string> out;
  for (const auto& [name, full] : scope.names) {
    if (out.size() == kCandidates) break;
    out.push_back(name);
  }
  return out;
}

void report_unknown(const Scope& scope, const std::string& who, const Spanned<std::string>& name,
                    Diagnostics& diagnostics) {
  const auto all = worth_a_guess(diagnostics) ? candidates(scope) : std::vector<std::string>{};
  const auto best = closest_match(*name, all);
  const auto is_tap = [&](const std::string& n) {
    return std::find(scope.taps.begin(), scope.taps.end(), n) != scope.taps.end();
  };
  std::vector<std::string> others;
  for (const auto& candidate : all) {
    if (!is_tap(candidate)) others.push_back(candidate);
  }
  std::vector<std::string> notes;
  const bool of_backbone = scope.has_backbone && (best.empty() || is_tap(best));
  if (!scope.taps.empty()) notes.push_back("taps available: " + list_some(scope.taps));
  if (!others.empty()) notes.push_back((notes.empty() ? "names available: " : "other names: ") + list_some(others));
  diagnostics.error(
      "E0203", name.span,
      who + " reads '" + *name + "', which " + (of_backbone ? "the backbone does not define" : "does not exist"),
      best.empty() ? "" : "did you mean '" + best + "'?", notes);
}

}  // namespace

bool worth_a_guess(const Diagnostics& diagnostics) { return diagnostics.error_count() < kGuesses; }

std::string list_some(const std::vector<std::string>& names) {
  if (names.size() <= kListed) return join(names);
  return join(std::span(names).first(kListed)) + " and " + std::to_string(names.size() - kListed) + " more";
}

std::optional<std::string> resolve_name(const Scope& scope, const std::string& who, const Spanned<std::string>& name,
                                        Diagnostics& diagnostics) {
  if (const auto found = scope.names.find(*name); found != scope.names.end()) return found->second;
  if (scope.pardoned.count(*name) > 0) return std::nullopt;
  if (scope.hidden.count(*name) > 0) {
    diagnostics.error("E0203", name.span,
                      who + " reads '" + *name + "', which the backbone defines but does not list among its taps",
                      "add it to taps", {"taps available: " + list_some(scope.taps)});
    return std::nullopt;
  }
  if (const auto found = scope.later.find(*name); found != scope.later.end()) {
    diagnostics.error("E0204", name.span, who + " reads " + found->second + " '" + *name + "', which is built after it",
                      {}, {"the order is: backbone, dense_conv, node, head"});
    return std::nullopt;
  }
  if (!scope.open) report_unknown(scope, who, name, diagnostics);
  return std::nullopt;
}

}  // namespace fcngraph::dsl
