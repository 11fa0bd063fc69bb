// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <fcngraph/program.h>
#include <fcngraph/weights.h>

#include "cache/cache_key.h"

namespace fcngraph::cache {

/// How each output of a feature program is made, without names: ops, attributes, types with layouts, kernels, contents of the tensors
/// read (of those that `weights` lacks, initialiser, seed and name), preprocessing, backend, versions, threads. Programs with equal
/// recipes make the same bits of the same sample. `hashes` are those of the weights' tensors that are known, by name; others are added.
std::map<std::string, CacheKey> recipes_of(const Program& features, const Weights& weights, std::uint64_t seed,
                                           std::map<std::string, std::uint64_t>& hashes);

}  // namespace fcngraph::cache
