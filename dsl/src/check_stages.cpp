// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "names.h"
#include "references.h"
#include "scope.h"

namespace fcngraph::dsl {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_heads(const ModelSpec& spec, const StageSpec& stage, Diagnostics& diagnostics) {
  std::vector<std::string> known, seen;
  for (const HeadSpec& head : spec.heads) known.push_back(*head.name);
  for (const auto& head : stage.heads) {
    const std::string who = "stage '" + *stage.name + "'";
    if (!contains(known, *head))
      diagnostics.error("E0203", head.span, who + " trains head '" + *head + "', which is not there",
                        did_you_mean(*head, known), {"heads: " + list_some(known)});
    if (contains(seen, *head)) diagnostics.error("E0201", head.span, who + " names head '" + *head + "' twice");
    seen.push_back(*head);
  }
}

void check_start(const ModelSpec& spec, std::size_t index, const std::vector<std::string>& above,
                 Diagnostics& diagnostics) {
  const StageSpec& stage = spec.stages[index];
  const auto& from = stage.init_from;
  if (!from.given()) return;
  const std::string who = "stage '" + *stage.name + "'";
  if (index == 0)
    return diagnostics.error("E0203", from.span, who + " is the first: there is no stage that it could start from",
                             "leave out 'init_from': it starts from --weights, or from initialisers");
  if (*from == "last" || *from == "best" || contains(above, *from)) return;
  for (std::size_t i = index; i < spec.stages.size(); ++i) {
    if (*spec.stages[i].name != *from) continue;
    return diagnostics.error(
        "E0204", from.span,
        who + (i == index ? " starts from itself" : " starts from '" + *from + "', which is declared below it"),
        "stages run in the order of the file", {"'" + *from + "' is declared at " + place_of(spec.stages[i].span)});
  }
  std::vector<std::string> known{"last", "best"};
  known.insert(known.end(), above.begin(), above.end());
  diagnostics.error("E0203", from.span, who + " starts from '" + *from + "', which is no stage above it",
                    did_you_mean(*from, known),
                    {"\"last\" and \"best\" of the stage before, or a stage by name: " + list_some(above)});
}

}  // namespace

void check_stages(const ModelSpec& spec, Diagnostics& diagnostics) {
  std::vector<std::string> above;
  for (std::size_t i = 0; i < spec.stages.size(); ++i) {
    const StageSpec& stage = spec.stages[i];
    const std::string& name = *stage.name;
    if (name == "last" || name == "best" || name == "frozen")
      diagnostics.error("E0201", stage.name.span, "stage '" + name + "' is called as a checkpoint of every run is",
                        "another name");
    const auto twin = std::find(above.begin(), above.end(), name);
    if (stage.name.given() && twin != above.end())
      diagnostics.error("E0201", stage.name.span, "the name '" + name + "' is taken", {},
                        {"stage '" + name + "' is declared at " +
                         place_of(spec.stages[static_cast<std::size_t>(twin - above.begin())].span)});
    check_heads(spec, stage, diagnostics);
    check_start(spec, i, above, diagnostics);
    above.push_back(name);
  }
}

}  // namespace fcngraph::dsl
