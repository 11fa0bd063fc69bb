// SPDX-License-Identifier: Apache-2.0
#include "training/frozen_weights.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/evaluate.h>

#include "rename_weights.h"

namespace fcngraph {
namespace training {

SavedNames saved_names(const Graph& graph) {
  SavedNames names;
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

SavedNames saved_names(const Program& program) { return saved_names(program.plan().graph); }

bool frozen_are_random(const Weights& weights) {
  const auto it = weights.metadata().find("frozen");
  return it != weights.metadata().end() && it->second == "random";
}

std::string check_frozen(const Model& model, const std::vector<std::string>& missing, std::size_t all, bool insist) {
  if (missing.empty()) return {};
  const auto what = missing.size() == all
                        ? fmt::format("the frozen part ({} tensors) has no weights and stays as initialised", all)
                        : fmt::format("{} of {} frozen tensors ('{}' first) have no weights and stay as initialised",
                                      missing.size(), all, missing.front());
  const auto& kind = model.spec().data.kind;
  if (insist) return what;
  if (kind == "synthetic") return what + ": random features, good enough for synthetic data only";
  throw GraphError(
      fmt::format("{}, which is only allowed on synthetic data, not on '{}': give --weights FILE, or insist with "
                  "--weights random, or train all with --set model.trainable=all",
                  what, kind));
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
  const auto frozen = training::saved_names(program).frozen;
  std::vector<std::string> missing;
  std::copy_if(frozen.begin(), frozen.end(), std::back_inserter(missing),
               [&](const auto& name) { return !given.contains(name); });
  return training::check_frozen(model, missing, frozen.size(), insist);
}

}  // namespace fcngraph
