// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/engine/graph.h>
#include <fcngraph/model.h>
#include <fcngraph/program.h>
#include <fcngraph/weights.h>

namespace fcngraph::training {

/// The saved tensors of a program, by what becomes of them.
struct SavedNames {
  std::vector<std::string> trained;
  std::vector<std::string> frozen;
  std::vector<std::string> states;  ///< statistics, skip scales, the optimiser's moments
  std::vector<std::string> sums;    ///< of gradients, within a batch: nothing to save
};
SavedNames saved_names(const Graph& graph);
SavedNames saved_names(const Program& program);

/// The rule of check_frozen_weights() about a part of `all` frozen tensors of which these have no weights.
std::string check_frozen(const Model& model, const std::vector<std::string>& missing, std::size_t all, bool insist);

/// Whether the weights are those of a run whose frozen tensors are not stored, since a seed makes them again.
bool frozen_are_random(const Weights& weights);

}  // namespace fcngraph::training
