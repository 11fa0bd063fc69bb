// SPDX-License-Identifier: Apache-2.0
#include "cache/open_cache.h"

namespace fcngraph::cache {

std::unique_ptr<FeatureCache> open_cache(const std::string& choice, const dsl::CacheSpec& spec) {
  if (choice == "off") return nullptr;
  CacheOptions options;
  if (choice != "memory") options.folder = choice;
  options.memory_limit = *spec.limit;
  options.disk_limit = *spec.disk_limit;
  options.half = *spec.storage == "f16";
  return std::make_unique<FeatureCache>(options);
}

}  // namespace fcngraph::cache
