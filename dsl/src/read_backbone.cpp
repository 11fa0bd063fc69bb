// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "read.h"

namespace fcngraph::dsl {
namespace {

/// `weights = "vgg19.h5"` or `weights = { file = "vgg19.h5", layout = "keras" }`
void read_weights(StrictTable& backbone, BackboneSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 3> layouts{"auto", "fcngraph", "keras"};
  const auto* value = backbone.take("weights");
  if (value == nullptr) return;
  if (value->is_string()) {
    spec.weights_file = {value->text, value->span};
    return;
  }
  if (!value->is_table()) {
    backbone.wrong("E0106", "weights", *value, "the path of a file or { file, layout }");
    return;
  }
  StrictTable table(*value, "[backbone.weights]", diagnostics);
  table.read("file", spec.weights_file);
  table.read_choice("layout", spec.weights_layout, layouts);
  table.require("file", "the file that the weights are in");
  table.finish();
}

}  // namespace

BackboneSpec read_backbone(const TomlValue& value, Diagnostics& diagnostics) {
  BackboneSpec spec;
  spec.span = value.span;
  StrictTable table(value, "[backbone]", diagnostics);
  table.take("use");  // merged in before this reader sees the table
  table.read_strings("taps", spec.taps);
  read_weights(table, spec, diagnostics);
  table.read("trainable", spec.trainable);
  table.read_tables("node");
  if (const auto* blocks = table.read_table("block")) {
    for (const auto& entry : blocks->entries) {
      if (!entry.value.is_table()) {
        diagnostics.error("E0106", entry.value.span,
                          "block '" + entry.key + "': expected a table, got " + describe(entry.value));
        continue;
      }
      spec.blocks[entry.key] = read_block(entry.key, entry.key_span, entry.value, diagnostics);
    }
  }
  table.finish();
  return spec;
}

}  // namespace fcngraph::dsl
