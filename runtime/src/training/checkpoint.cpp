// SPDX-License-Identifier: Apache-2.0
#include "training/checkpoint.h"

#include <algorithm>

#include <fmt/format.h>

#include "frozen_reference.h"
#include "hash.h"
#include "mapped_file.h"

namespace fcngraph::training {
namespace {

namespace fs = std::filesystem;

bool holds_all(const Weights& weights, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return weights.contains(name); });
}

/// The one file that holds all frozen tensors of the weights given as they are, or an empty path.
fs::path file_with_all(const Weights& given, const std::vector<std::string>& frozen) {
  const auto is_stored = [&](const std::string& name) { return given.origin(name).text.empty(); };
  if (given.source().empty() || !std::all_of(frozen.begin(), frozen.end(), is_stored)) return {};
  fs::path file = given.source();
  if (const auto reference = frozen_reference(given.metadata())) file = file.parent_path() / reference->file;
  if (!fs::is_regular_file(file)) return {};
  const Weights there = Weights::load(file);
  // Tensors given may be others than those of the file of that name: put there in memory, or out of a checkpoint.
  const bool same = holds_all(there, frozen) && std::all_of(frozen.begin(), frozen.end(), [&](const std::string& name) {
                      const auto a = there.bytes(name), b = given.bytes(name);
                      return std::equal(a.begin(), a.end(), b.begin(), b.end());
                    });
  return same ? fs::absolute(file).lexically_normal() : fs::path();
}

}  // namespace

FrozenPlan plan_frozen(const RunFolder& folder, const SavedNames& names, const std::function<Weights()>& all,
                       const Weights& given, std::uint64_t seed) {
  FrozenPlan plan;
  if (names.frozen.empty()) {
    plan.kind = "none";
    plan.metadata["frozen"] = "none";
    return plan;
  }
  const auto is_given = [&](const std::string& name) { return given.contains(name); };
  if (std::none_of(names.frozen.begin(), names.frozen.end(), is_given)) {
    plan.kind = "random";
    plan.metadata["frozen"] = "random";
    plan.metadata["frozen_seed"] = std::to_string(seed);
    return plan;
  }
  plan.metadata["frozen"] = "file";
  if (holds_all(given, names.frozen)) {
    if (const auto file = file_with_all(given, names.frozen); !file.empty()) {
      plan.kind = file.string();
      refer_to_frozen(plan.metadata, file, file.string());
      return plan;
    }
  }
  const Weights now = all();
  Weights frozen;
  for (const auto& name : names.frozen) {
    // What no head reads is in no program; a later stage may.
    const Weights& from = now.contains(name) ? now : given;
    if (from.contains(name)) frozen.set(name, from.get(name));
  }
  const auto path = folder.checkpoint("frozen");
  frozen.save(path);
  plan.kind = "stored";
  refer_to_frozen(plan.metadata, path, path.filename().string());
  return plan;
}

Weights changing_tensors(const Session& session, const SavedNames& names) {
  Weights weights = session.weights();
  for (const auto* group : {&names.frozen, &names.sums}) {
    for (const auto& name : *group) weights.erase(name);
  }
  return weights;
}

std::string file_hash(const fs::path& path) {
  const MappedFile file(path.string());
  return fmt::format("{:016x}", content_hash(file.bytes()));
}

}  // namespace fcngraph::training
