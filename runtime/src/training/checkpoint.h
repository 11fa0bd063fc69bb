// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include <fcngraph/session.h>

#include "training/frozen_weights.h"
#include "training/run_folder.h"

namespace fcngraph::training {

/// How the checkpoints of a run come by their frozen tensors. Entries of each checkpoint's metadata:
///   frozen       "none", "random" (made again from frozen_seed), or "file" (see FrozenReference)
///   frozen_seed  the seed of random ones
struct FrozenPlan {
  std::string kind;  ///< for the manifest: none, random, stored, or the path referred to
  std::map<std::string, std::string> metadata;
};

/// Decides that, and writes checkpoints/frozen.safetensors where the frozen tensors came from memory or from several files.
/// `all` gives every tensor of the run as it is.
FrozenPlan plan_frozen(const RunFolder& folder, const SavedNames& names, const std::function<Weights()>& all,
                       const Weights& given, std::uint64_t seed);

/// What of a session changes while it trains: trained tensors, states, moments.
Weights changing_tensors(const Session& session, const SavedNames& names);

/// Content hash of a file, 16 hexadecimal digits.
std::string file_hash(const std::filesystem::path& path);

}  // namespace fcngraph::training
