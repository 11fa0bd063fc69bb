// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <fcngraph/dsl/model_spec.h>

#include "cache/feature_cache.h"

namespace fcngraph::cache {

/// What `--cache off|memory|DIR` asks for, with the limits of `[cache]`; null for off.
std::unique_ptr<FeatureCache> open_cache(const std::string& choice, const dsl::CacheSpec& spec);

}  // namespace fcngraph::cache
