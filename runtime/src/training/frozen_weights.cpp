// SPDX-License-Identifier: Apache-2.0
#include "training/frozen_weights.h"

#include <charconv>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/evaluate.h>

#include "rename_weights.h"

namespace fcngraph {
namespace training {

SavedNames saved_names(const Program& program) {
  SavedNames names;
  const auto& graph = program.plan().graph;
  for (const auto id : graph.values_with(Role::parameter)) {
    const auto& value = graph.value(id);
    // A frozen interpolation is complete as it starts: no file of weights is asked for it.
    const bool interpolates = value.init.kind == Initializer::Kind::bilinear;
    (value.trainable ? names.trained : interpolates ? names.states : names.frozen).push_back(value.name);
  }
  for (const auto id : graph.values_with(Role::state)) {
    const auto& name = graph.value(id).name;
    (name.starts_with(kGradientSum) ? names.sums : names.states).push_back(name);
  }
  return names;
}

bool frozen_are_random(const Weights& weights) {
  const auto it = weights.metadata().find("frozen");
  return it != weights.metadata().end() && it->second == "random";
}

}  // namespace training

std::uint64_t initial_seed(const Weights& weights, std::uint64_t seed) {
  const auto it = weights.metadata().find("frozen_seed");
  if (!training::frozen_are_random(weights) || it == weights.metadata().end()) return seed;
  std::uint64_t recorded = seed;
  const char* end = it->second.data() + it->second.size();
  if (std::from_chars(it->second.data(), end, recorded).ptr != end)
    throw IoError(weights.source(), "frozen_seed is not a number");
  return recorded;
}

std::string check_frozen_weights(const Model& model, const Program& program, const Weights& weights, bool insist) {
  if (training::frozen_are_random(weights)) return {};
  const Weights given = rename_weights(model.spec(), weights);
  std::int64_t missing = 0, all = 0;
  std::string example;
  for (const auto& name : training::saved_names(program).frozen) {
    ++all;
    if (given.contains(name)) continue;
    if (missing++ == 0) example = name;
  }
  if (missing == 0) return {};
  const auto what = missing == all
                        ? fmt::format("the frozen part ({} tensors) has no weights and stays as initialised", all)
                        : fmt::format("{} of {} frozen tensors ('{}' first) have no weights and stay as initialised",
                                      missing, all, example);
  const auto& kind = model.spec().data.kind;
  if (insist) return what;
  if (kind == "synthetic") return what + ": random features, good enough for synthetic data only";
  throw GraphError(
      fmt::format("{}, which is only allowed on synthetic data, not on '{}': give --weights FILE, or insist with "
                  "--weights random, or train all with --set model.trainable=all",
                  what, kind));
}

}  // namespace fcngraph
