// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <algorithm>

namespace fcngraph::cudnn {

void RunSignature::add(std::uint64_t kernel, const LaunchArgs& args) {
  const auto add_all = [&](std::span<std::byte* const> addresses) {
    numbers_.push_back(addresses.size());
    for (const std::byte* address : addresses) numbers_.push_back(reinterpret_cast<std::uintptr_t>(address));
  };
  numbers_.push_back(kernel);
  add_all(args.operands);
  add_all(args.results);
  numbers_.push_back(reinterpret_cast<std::uintptr_t>(args.workspace));
}

ReplayPolicy::Decision ReplayPolicy::next(const RunSignature& run) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.run == run; });
  Decision decision;
  if (found == entries_.end()) {
    entries_.push_front({run, ++last_graph_});
    if (entries_.size() > most_) {
      // A run that was seen once has no graph yet.
      if (entries_.back().runs > 1 && !entries_.back().refused) decision.dropped = entries_.back().graph;
      entries_.pop_back();
    }
    return decision;
  }
  entries_.splice(entries_.begin(), entries_, found);
  Entry& entry = entries_.front();
  ++entry.runs;
  if (entry.refused) return decision;
  decision.graph = entry.graph;
  decision.action = entry.runs == 2 ? Action::capture : Action::replay;
  return decision;
}

void ReplayPolicy::refuse(std::uint64_t graph) {
  for (Entry& entry : entries_) entry.refused = entry.refused || entry.graph == graph;
}

}  // namespace fcngraph::cudnn
