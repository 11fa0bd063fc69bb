// SPDX-License-Identifier: Apache-2.0
#include "references.h"

#include <string>
#include <utility>

#include "expand.h"
#include "names.h"
#include "scope.h"

namespace fcngraph::dsl {
namespace {

constexpr std::size_t kOffered = 2000;

std::span<const TomlValue> tables_of(const TomlValue* owner, std::string_view key) {
  const auto* value = owner != nullptr ? owner->find(key) : nullptr;
  return value != nullptr && value->is_array_of_tables() ? std::span<const TomlValue>(value->items)
                                                         : std::span<const TomlValue>{};
}

const TomlValue* table_of(const TomlValue* owner, std::string_view key) {
  const auto* value = owner != nullptr ? owner->find(key) : nullptr;
  return value != nullptr && value->is_table() ? value : nullptr;
}

/// What the rest of the model sees of the backbone: its taps, or everything where it names none.
Scope seen_of(const Scope& backbone, BackboneSpec& spec, Diagnostics& diagnostics) {
  Scope out;
  out.has_backbone = !spec.nodes.empty();
  out.open = backbone.open;
  out.previous = backbone.previous;
  out.names["image"] = "image";
  std::vector<std::string> defined;
  for (const auto& [name, full] : backbone.names) {
    if (name == "image") continue;
    if (spec.taps.empty()) {
      out.names[name] = full;
    } else {
      out.hidden.insert(name);
    }
    if (defined.size() < kOffered) defined.push_back(name);
  }
  for (auto& tap : spec.taps) {
    const auto found = backbone.names.find(*tap);
    if (found != backbone.names.end() && *tap != "image") {
      out.names[*tap] = found->second;
      out.names[found->second] = found->second;
      out.taps.push_back(*tap);
      out.hidden.erase(*tap);
      out.hidden.erase(found->second);
      tap.value = found->second;
    } else if (!backbone.open) {
      diagnostics.error("E0205", tap.span, "[backbone] taps '" + *tap + "', which it does not define",
                        did_you_mean(*tap, defined),
                        {defined.empty() ? "it defines no nodes" : "nodes it defines: " + list_some(defined)});
      // Reported once: what reads it, or what was meant by it, is not wrong a second time.
      out.pardoned.insert(*tap);
      out.pardoned.insert(closest_match(*tap, defined));
    } else {
      out.names[*tap] = *tap;
    }
  }
  if (spec.taps.empty()) out.taps = defined;
  out.pardoned.erase("");
  return out;
}

void check_dense_convs(ModelSpec& spec, Scope& scope, NameTable& names, Diagnostics& diagnostics) {
  for (const auto& dense : spec.dense_convs) scope.later[*dense.name] = "dense_conv";
  for (auto& dense : spec.dense_convs) {
    const std::string who = "dense_conv '" + *dense.name + "'";
    if (dense.from.given()) {
      if (dense.name.given() && *dense.from == *dense.name) {
        diagnostics.error("E0204", dense.from.span, who + " reads itself");
      } else if (auto full = resolve_name(scope, who, dense.from, diagnostics)) {
        dense.from.value = *full;
      }
    }
    if (!dense.name.given()) {
      scope.open = true;
      continue;
    }
    scope.later.erase(*dense.name);
    if (!names.declare(*dense.name, dense.name.span, "dense_conv")) continue;
    scope.names[*dense.name] = *dense.name;
    scope.previous = *dense.name;
  }
}

/// The head that `fuse` names: one above, and coarser by a whole factor.
void check_fuse(const ModelSpec& spec, std::size_t index, Diagnostics& diagnostics) {
  const auto& head = spec.heads[index];
  const std::string who = "head '" + *head.name + "'";
  std::vector<std::string> above;
  for (std::size_t i = 0; i < index; ++i) {
    const auto& other = spec.heads[i];
    above.push_back(*other.name);
    if (*other.name != *head.fuse) continue;
    if (*other.upsample % *head.upsample != 0) {
      diagnostics.error("E0207", head.fuse.span,
                        who + " at 1/" + std::to_string(*head.upsample) + " of the input fuses '" + *head.fuse +
                            "' at 1/" + std::to_string(*other.upsample) + ", which is not coarser by a whole factor",
                        {}, {"'" + *head.fuse + "' is defined at " + place_of(other.span)});
    }
    return;
  }
  if (*head.fuse == *head.name) {
    diagnostics.error("E0204", head.fuse.span, who + " fuses itself");
    return;
  }
  for (std::size_t i = index + 1; i < spec.heads.size(); ++i) {
    if (*spec.heads[i].name != *head.fuse) continue;
    // Follow the chain from there: if it comes back, it is a loop rather than a matter of order.
    std::string loop = *head.name + " -> " + *head.fuse;
    std::size_t at = i;
    for (std::size_t steps = 0; steps < spec.heads.size() && at != index; ++steps) {
      std::size_t next = spec.heads.size();
      for (std::size_t j = 0; j < spec.heads.size(); ++j) {
        if (spec.heads[at].fuse.given() && *spec.heads[j].name == *spec.heads[at].fuse) next = j;
      }
      if (next == spec.heads.size()) break;
      at = next;
      loop += " -> " + *spec.heads[at].name;
    }
    if (at == index) {
      diagnostics.error("E0204", head.fuse.span, "heads fuse each other in a loop: " + loop);
    } else {
      diagnostics.error("E0204", head.fuse.span, who + " fuses '" + *head.fuse + "', which is declared below it",
                        "declare the coarser head first",
                        {"'" + *head.fuse + "' is declared at " + place_of(spec.heads[i].span)});
    }
    return;
  }
  diagnostics.error(
      "E0203", head.fuse.span, who + " fuses '" + *head.fuse + "', which is not a head",
      did_you_mean(*head.fuse, above),
      {above.empty() ? "it is the first head, and has none to fuse" : "heads above it: " + list_some(above)});
}

void check_heads(ModelSpec& spec, const Scope& scope, NameTable& names, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < spec.heads.size(); ++i) {
    auto& head = spec.heads[i];
    const std::string who = "head '" + *head.name + "'";
    if (head.name.given()) names.declare(*head.name, head.name.span, "head");
    if (head.from.given()) {
      if (auto full = resolve_name(scope, who, head.from, diagnostics)) head.from.value = *full;
    }
    if (head.fuse.given()) check_fuse(spec, i, diagnostics);
  }
}

/// What uses of blocks are called beside the names of their nodes.
void note_block_results(const Scope& scope, ModelSpec& spec) {
  for (const auto& [name, full] : scope.names) {
    if (name != full) spec.block_results[name] = full;
  }
}

}  // namespace

void check_references(const TomlValue& document, bool open_backbone, ModelSpec& spec, Diagnostics& diagnostics) {
  NameTable names(diagnostics);
  names.declare("image", {}, "input");
  Scope backbone;
  backbone.names["image"] = "image";
  backbone.previous = "image";
  backbone.open = open_backbone;
  const auto* section = table_of(&document, "backbone");
  spec.backbone.nodes = expand(table_of(section, "block"), tables_of(section, "node"), backbone, names, diagnostics);
  note_block_results(backbone, spec);
  Scope scope = seen_of(backbone, spec.backbone, diagnostics);
  for (const auto& head : spec.heads) scope.later[*head.name] = "head";
  const auto nodes = tables_of(&document, "node");
  for (const auto& node : nodes) {
    const auto* name = node.find("name");
    if (name != nullptr && name->is_string()) scope.later[name->text] = "node";
  }
  check_dense_convs(spec, scope, names, diagnostics);
  for (const auto& node : nodes) {
    const auto* name = node.find("name");
    if (name != nullptr && name->is_string()) scope.later.erase(name->text);
  }
  spec.nodes = expand(table_of(&document, "block"), nodes, scope, names, diagnostics);
  note_block_results(scope, spec);
  scope.later.clear();
  for (const auto& head : spec.heads) {
    if (scope.names.count(*head.name) == 0) scope.later[*head.name] = "head";
  }
  check_heads(spec, scope, names, diagnostics);
  check_stages(spec, diagnostics);
}

}  // namespace fcngraph::dsl
