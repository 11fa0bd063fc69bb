// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/dsl/build.h>

#include <algorithm>

#include "graph_builder.h"

namespace fcngraph::dsl {
namespace {

void set_outputs(GraphBuilder& b) {
  if (b.options().mode == Mode::infer) {
    for (const HeadSpec* head : asked_heads(b.spec(), b.options())) {
      if (const ValueId logits = b.find(*head->name); logits.valid()) b.rewriter().set_output(*head->name, logits);
    }
  }
  const auto& blocks = b.spec().block_results;
  for (const std::string& name : b.options().fetch) {
    const auto block = blocks.find(name);
    ValueId value = b.find(block == blocks.end() ? name : block->second);
    if (!value.valid()) value = b.rewriter().graph().find_value(name);
    if (value.valid()) {
      b.rewriter().set_output(name, value);
    } else if (!b.diagnostics().has_errors()) {
      auto known = b.names();
      for (const auto& [instance, end] : blocks) known.push_back(instance);
      b.diagnostics().error("E0203", {}, "there is no value '" + name + "' to fetch", did_you_mean(name, known),
                            {"values: " + join(known)});
    }
  }
}

// A glob that matches nothing is a warning: the same list may serve a family of models, of which some lack a part.
void check_globs(GraphBuilder& b) {
  constexpr std::size_t kCandidates = 2000, kReported = 20;  // a hostile file may have very many of both
  if (!b.options().heads.empty()) return;
  auto names = b.glob_targets();
  // A list for all stages may name heads that this one lacks.
  for (const HeadSpec& head : b.spec().other_heads) names.insert(names.end(), {*head.name, "head:" + *head.name});
  std::size_t reported = 0;
  for (const auto& glob : b.spec().trainable.globs) {
    const auto matches = [&](const std::string& name) { return glob_match(*glob, name); };
    if (std::any_of(names.begin(), names.end(), matches)) continue;
    if (++reported > kReported) return;
    b.diagnostics().warning("E0203", glob.span, "trainable '" + *glob + "' matches no layer",
                            did_you_mean(*glob, std::span(names).first(std::min(names.size(), kCandidates))));
  }
}

void check_heads(const ModelSpec& spec, const BuildOptions& options, Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const auto* heads : {&spec.heads, &spec.other_heads}) {
    for (const HeadSpec& head : *heads) known.push_back(*head.name);
  }
  for (const std::string& name : options.heads) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      diagnostics.error("E0203", {}, "there is no head '" + name + "'", did_you_mean(name, known),
                        {"heads: " + join(known)});
  }
}

}  // namespace

Graph build_graph(const ModelSpec& spec, const BuildOptions& given, const OpTable& ops, Diagnostics& diagnostics) {
  BuildOptions options = given;
  if (options.height == 0) options.height = *spec.height;
  if (options.width == 0) options.width = *spec.width;
  Graph graph(*spec.name);
  constexpr std::int64_t kLargest = std::int64_t{1} << 20;
  if (options.height < 1 || options.width < 1 || options.height > kLargest || options.width > kLargest) {
    diagnostics.error("E0108", spec.height.span,
                      "expected an input of 1 to 2^20 pixels a side, got " + std::to_string(options.height) + " x " +
                          std::to_string(options.width));
    return graph;
  }
  if (options.batch < 1)
    return diagnostics.error("E0108", {}, "expected a batch of at least 1, got " + std::to_string(options.batch)),
           graph;
  if (options.classes < 1 || options.classes > 255)
    return diagnostics.error("E0108", spec.classes_span,
                             "expected 1 to 255 classes, got " + std::to_string(options.classes)),
           graph;
  check_heads(spec, options, diagnostics);
  GraphBuilder builder(graph, spec, options, ops, diagnostics);
  build_layers(builder);
  build_heads(builder);
  if (options.mode != Mode::infer) build_losses(builder);
  set_outputs(builder);
  check_globs(builder);
  return graph;
}

OptimizerOptions optimizer_options(const TrainSpec& train, DType storage) {
  const OptimizerSpec& o = train.optimizer;
  using Scale = LossScaleSpec::Kind;
  const Scale scaled = train.loss_scale.kind;
  OptimizerOptions out;
  out.kind = *o.kind;
  if (*o.kind == "sgd") {
    out.attrs = {{"momentum", *o.momentum}, {"nesterov", *o.nesterov}};
  } else {
    out.attrs = {{"beta1", *o.beta1}, {"beta2", *o.beta2}, {"epsilon", *o.epsilon}};
    if (*o.kind == "adamw") out.attrs.emplace("weight_decay", *o.weight_decay);
  }
  out.clip_norm = *train.clip_norm;
  out.scale_loss = scaled == Scale::unset ? storage == DType::f16 : scaled != Scale::off;
  for (const FactorSpec& l2 : train.l2) out.l2.push_back({*l2.match, *l2.value});
  for (const FactorSpec& scale : train.lr_scale) out.lr_scale.push_back({*scale.match, *scale.value});
  for (const auto& glob : o.no_decay) out.no_decay.push_back(*glob);
  return out;
}

PrecisionPolicy precision_options(const CompileSpec& compile, DType storage) {
  PrecisionPolicy out = precision_policy(storage);
  out.ranges = compile.range_of;
  out.ranges_span = compile.ranges.span;
  return out;
}

}  // namespace fcngraph::dsl
