// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "read.h"

namespace fcngraph::dsl {
namespace {

const std::array<std::string, 5>& initialisers() {
  static const std::array<std::string, 5> names{"he", "glorot", "zeros", "ones", "bilinear"};
  return names;
}

/// `scale = 0.5` or `scale = "auto"`, which is what leaving it out means.
void read_scale(StrictTable& table, std::optional<Spanned<double>>& scale) {
  const auto* value = table.take("scale");
  if (value == nullptr || (value->is_string() && value->text == "auto")) return;
  if (value->is_string()) {
    table.wrong("E0109", "scale", *value, "a number or \"auto\"");
    return;
  }
  Spanned<double> number;
  if (table.read("scale", number, kAnyNumber)) scale = number;
}

/// `upsample = 32`, or `upsample = { factor = 32, kind = "conv2d_transpose", trainable = false }`.
void read_upsample(StrictTable& head, HeadSpec& spec, Diagnostics& diagnostics) {
  static constexpr IntRange kFactor{1, 1024};
  static const std::array<std::string, 3> kinds{"bilinear", "nearest", "conv2d_transpose"};
  head.read_choice("upsample_kind", spec.upsample_kind, kinds);
  const auto* value = head.take("upsample");
  if (value == nullptr || !value->is_table()) {
    head.read("upsample", spec.upsample, kFactor);
    return;
  }
  StrictTable table(*value, "upsample of " + head.who(), diagnostics);
  table.read("factor", spec.upsample, kFactor);
  table.read_choice("kind", spec.upsample_kind, kinds);
  if (*spec.upsample_kind == "conv2d_transpose") {
    table.read("trainable", spec.upsample_trainable);
  } else {
    table.refuse("trainable", "only kind = \"conv2d_transpose\" has a kernel to train");
  }
  table.require("factor", "the size of the input over that of the score");
  table.finish();
}

}  // namespace

DenseConvSpec read_dense_conv(const TomlValue& value, std::size_t number, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> activations{"linear", "relu"};
  static const std::array<std::string, 2> paddings{"same", "valid"};
  DenseConvSpec spec;
  spec.span = value.span;
  StrictTable table(value, title("dense_conv", value, number), diagnostics);
  table.read_name("name", spec.name);
  table.read("from", spec.from);
  table.read("weights_from", spec.weights_from);
  table.read("kernel", spec.kernel, {1, 1024});
  table.read("filters", spec.filters, {1, 1 << 20});
  table.read_choice("padding", spec.padding, paddings);
  table.read_choice("activation", spec.activation, activations);
  table.read("bias", spec.bias);
  table.read("dropout", spec.dropout, kShare);
  table.read_choice("init", spec.init, initialisers());
  table.read("trainable", spec.trainable);
  table.require("name", "which others call it by");
  table.require("from", "what it reads: a tap of the backbone or another dense_conv");
  table.require("filters", "the number of its output channels");
  table.finish();
  return spec;
}

HeadSpec read_head(const TomlValue& value, std::size_t number, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> activations{"linear", "relu"};
  static const std::array<std::string, 2> outputs{"logits", "probabilities"};
  static const std::array<std::string, 2> alignments{"exact", "crop"};
  HeadSpec spec;
  spec.span = value.span;
  StrictTable table(value, title("head", value, number), diagnostics);
  table.read_name("name", spec.name);
  table.read("from", spec.from);
  table.read("fuse", spec.fuse);
  read_upsample(table, spec, diagnostics);
  table.read_choice("align", spec.align, alignments);
  table.read_choice("activation", spec.activation, activations);
  table.read_choice("init", spec.init, initialisers());
  table.read("bias", spec.bias);
  table.read("classifier", spec.classifier);
  table.read_choice("output", spec.output, outputs);
  read_scale(table, spec.scale);
  table.read("trainable", spec.trainable);
  table.read("loss_weight", spec.loss_weight, kNotNegativeNumber);
  table.require("name", "which others call it by");
  table.require("from", "the feature that it scores: a tap of the backbone, a dense_conv or a node");
  table.finish();
  return spec;
}

}  // namespace fcngraph::dsl
