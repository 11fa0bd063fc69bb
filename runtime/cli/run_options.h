// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fcngraph/model.h>
#include <fcngraph/weights.h>

#include "arguments.h"

namespace fcngraph::cli {

/// What --weights said, or else [backbone] weights: the tensors (none for `random`), and whether `random` was insisted on. A
/// resumed run has its own. Says so where the file is one that is known.
struct WeightsChoice {
  Weights weights;
  bool random = false;
};
WeightsChoice choose_weights(const Arguments& arguments, const Model& model);

/// The model file of the command line, or the graph.toml of the run that --weights or --resume names.
Model load_model(const Arguments& arguments, const LoadOptions& options);
/// --set and --data, and --epochs, --batch and --seed as the keys that they stand for.
LoadOptions load_options(const Arguments& arguments, bool train_keys);

/// --size HxW: 0 where it was not given. `native` is true for --size native.
struct SizeChoice {
  std::int64_t height = 0, width = 0;
  bool native = false;
};
SizeChoice choose_size(const Arguments& arguments);

/// --backend, --precision, --threads.
struct TargetChoice {
  std::string backend = "auto", precision = "f32";
  int threads = 0;
};
TargetChoice choose_target(const Arguments& arguments);

/// --memory-budget in bytes: "512MiB", "2GiB", "1.5GB" or a number of bytes. 0 where it was not given. Throws UsageError.
std::int64_t choose_memory_budget(const Arguments& arguments);
/// --cache: off, memory (also where it is not given) or a folder. Throws UsageError for a folder that looks like one of the words.
std::string choose_cache(const Arguments& arguments);

}  // namespace fcngraph::cli
