// SPDX-License-Identifier: Apache-2.0
#include "user_cache.h"

#include <cstdlib>

namespace fcngraph {

std::filesystem::path user_cache_file(const char* name) {
  const auto set = [](const char* variable) {
    const char* value = std::getenv(variable);
    return std::filesystem::path(value != nullptr ? value : "");
  };
  const auto cache = set("XDG_CACHE_HOME");
  return (cache.empty() ? set("HOME") / ".cache" : cache) / "fcngraph" / name;
}

}  // namespace fcngraph
