// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "merge.h"
#include "read.h"

namespace fcngraph::dsl {
namespace {

/// The stage's table with what it leaves out taken from [train]. A table whose `kind` is another one is replaced whole: the keys of
/// one optimiser mean nothing to the next.
TomlValue over_train(const TomlValue& stage, const TomlValue& train) {
  TomlValue merged = train;
  merged.erase("seed");
  for (const auto& entry : stage.entries) {
    const auto* below = merged.find(entry.key);
    const auto* kind = entry.value.is_table() ? entry.value.find("kind") : nullptr;
    const auto* other = below != nullptr && below->is_table() ? below->find("kind") : nullptr;
    if (kind != nullptr && (other == nullptr || other->text != kind->text)) merged.erase(entry.key);
  }
  overlay(merged, stage);
  merged.span = stage.span;
  return merged;
}

StageSpec read_stage(const TomlValue& value, std::size_t number, Diagnostics& diagnostics) {
  StageSpec spec;
  spec.span = spec.train.span = value.span;
  StrictTable table(value, title("stage", value, number), diagnostics);
  table.read_name("name", spec.name);
  TrainableSpec trainable;
  if (read_trainable(table, trainable)) spec.trainable = std::move(trainable);
  table.read_strings("heads", spec.heads);
  if (const auto* heads = value.find("heads"); heads != nullptr && heads->is_array() && heads->items.empty())
    table.wrong("E0108", "heads", *heads, "at least one name", "without the key every head has a loss");
  table.read("init_from", spec.init_from);
  read_train_keys(table, spec.train, diagnostics);
  if (table.read("epochs", spec.train.epochs, kNotNegative) && *spec.train.epochs == 0)
    diagnostics.error("E0108", spec.train.epochs.span, table.who() + " has no epochs: expected at least 1, got 0",
                      "leave the stage out, or give it epochs of its own");
  table.refuse("seed", "the whole run has one: seed in [train]");
  table.require("name", "which the history and init_from call it by");
  table.finish();
  return spec;
}

bool is_reported(const Diagnostic& mistake, const Diagnostics& diagnostics) {
  const auto& all = diagnostics.all();
  return std::any_of(all.begin(), all.end(), [&](const Diagnostic& d) {
    return d.code == mistake.code && d.span.file == mistake.span.file && d.span.line == mistake.span.line &&
           d.span.column == mistake.span.column;
  });
}

}  // namespace

std::vector<StageSpec> read_stages(std::span<const TomlValue> tables, const TomlValue* train,
                                   Diagnostics& diagnostics) {
  std::vector<StageSpec> stages;
  for (const auto& table : tables) {
    Diagnostics found;
    const bool inherits = train != nullptr && train->is_table();
    stages.push_back(read_stage(inherits ? over_train(table, *train) : table, stages.size() + 1, found));
    // A mistake of [train] has been reported there, and is not made again by each stage.
    for (const auto& mistake : found.all()) {
      if (!is_reported(mistake, diagnostics)) diagnostics.add(mistake);
    }
  }
  return stages;
}

}  // namespace fcngraph::dsl
