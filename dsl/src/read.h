// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <fcngraph/dsl/model_spec.h>

#include "strict_table.h"
#include "toml_tree.h"

namespace fcngraph::dsl {

/// The readers, one a table and each in a file of its own: read_model.cpp and so on.

/// `fcngraph = 1`. A file that a model uses may leave it out.
void check_format(StrictTable& top, const TomlValue& document, bool required, Diagnostics& diagnostics);
/// Everything but references, which `check_references` sees to.
ModelSpec read_document(const TomlValue& document, const std::string& path, Diagnostics& diagnostics);

/// One `[[node]]`; `number` names it where it has no name. With `templates` it is the body of a block.
NodeSpec read_node(const TomlValue& table, std::size_t number, Diagnostics& diagnostics, bool templates = false);
/// `[block.NAME]` with the nodes as they are written, "$parameters" and all.
BlockSpec read_block(const std::string& name, const SourceSpan& name_span, const TomlValue& table,
                     Diagnostics& diagnostics);
/// `[backbone]` without its nodes.
BackboneSpec read_backbone(const TomlValue& table, Diagnostics& diagnostics);
DenseConvSpec read_dense_conv(const TomlValue& table, std::size_t number, Diagnostics& diagnostics);
HeadSpec read_head(const TomlValue& table, std::size_t number, Diagnostics& diagnostics);
TrainSpec read_train(const TomlValue& table, Diagnostics& diagnostics);
/// The keys that [train] and a stage have in common.
void read_train_keys(StrictTable& table, TrainSpec& spec, Diagnostics& diagnostics);
/// Every [[stage]], each with the keys of `train` (null: there is no such table) underneath its own.
std::vector<StageSpec> read_stages(std::span<const TomlValue> tables, const TomlValue* train, Diagnostics& diagnostics);
/// `trainable = "heads"`, "all", or a list of globs. False where there is none.
bool read_trainable(StrictTable& table, TrainableSpec& spec);
DataSpec read_data(const TomlValue& table, Diagnostics& diagnostics);

/// The file that `compile.ranges` names, if any: what `fcngraph ranges` wrote for the model of that name.
void read_ranges(CompileSpec& spec, const std::string& model, Diagnostics& diagnostics);

/// "head 'fcn8s'", or "head 3" where it has no name.
std::string title(const std::string& what, const TomlValue& table, std::size_t number);

}  // namespace fcngraph::dsl
