// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace fcngraph {

/// A file of the user's that may be made again at any time: $XDG_CACHE_HOME/fcngraph/NAME, or the same below ~/.cache.
std::filesystem::path user_cache_file(const char* name);

}  // namespace fcngraph
