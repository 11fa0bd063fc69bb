// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

/// What a part of the model may read: each name, and what it stands for once blocks are written out.
struct Scope {
  std::map<std::string, std::string, std::less<>> names;
  std::string previous;                      ///< what a node without `inputs` reads
  std::set<std::string> hidden;              ///< defined by the backbone, but not among its taps
  std::set<std::string> pardoned;            ///< names whose absence has been reported where it counts
  std::map<std::string, std::string> later;  ///< names of what is built later: "head", "node", "dense_conv"
  std::vector<std::string> taps;             ///< what the backbone offers, for notes
  bool has_backbone = false;
  bool open = false;  ///< something could not be read, so that an unknown name may be right: it is not reported
};

/// What `name` stands for. A name that stands for nothing is reported (E0203, E0204) as "WHO reads 'name', which ...".
std::optional<std::string> resolve_name(const Scope& scope, const std::string& who, const Spanned<std::string>& name,
                                        Diagnostics& diagnostics);

/// "a, b, c", cut after some twenty names.
std::string list_some(const std::vector<std::string>& names);

/// Whether guesses are still worth their time: a file with hundreds of mistakes gets none for the rest.
bool worth_a_guess(const Diagnostics& diagnostics);

}  // namespace fcngraph::dsl
