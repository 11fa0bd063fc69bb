// SPDX-License-Identifier: Apache-2.0
#include "names.h"

namespace fcngraph::dsl {

bool NameTable::declare(const std::string& name, const SourceSpan& span, const std::string& what) {
  const auto [at, fresh] = taken_.try_emplace(name, Owner{what, span});
  if (fresh) return true;
  const auto& first = at->second;
  const std::string other = what == first.what ? "another " : first.span.file ? "a " : "the model's ";
  diagnostics_.error("E0201", span, what + " '" + name + "' has the name of " + other + first.what, {},
                     first.span.file
                         ? std::vector<std::string>{"'" + name + "' is first defined at " + place_of(first.span)}
                         : std::vector<std::string>{"'" + name + "' is what the model reads its image as"});
  return false;
}

std::string place_of(const SourceSpan& span) {
  if (!span.file) return "an unknown place";
  return span.file->path + ":" + std::to_string(span.line) + ":" + std::to_string(span.column);
}

}  // namespace fcngraph::dsl
