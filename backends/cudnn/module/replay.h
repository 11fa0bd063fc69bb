// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::cudnn {

/// The launches of one run as numbers: kernels by their own number, and every address. Equal runs do the same to the same memory.
class RunSignature {
 public:
  void add(std::uint64_t kernel, const LaunchArgs& args);
  void clear() { numbers_.clear(); }
  bool operator==(const RunSignature&) const = default;

 private:
  std::vector<std::uint64_t> numbers_;
};

/// When runs are worth a graph: the first of its kind is launched as it is, since it may still set things up; the second is captured;
/// those that follow replay. What was not seen for the longest time makes place.
class ReplayPolicy {
 public:
  enum class Action : std::uint8_t { launch, capture, replay };
  struct Decision {
    Action action = Action::launch;
    std::uint64_t graph = 0;    ///< number of the graph to capture as, or to replay
    std::uint64_t dropped = 0;  ///< number of a graph that makes place; 0: none
  };
  explicit ReplayPolicy(std::size_t most) : most_(most) {}
  Decision next(const RunSignature& run);
  /// Capturing as this graph has failed: runs like it are launched from now on.
  void refuse(std::uint64_t graph);

 private:
  struct Entry {
    RunSignature run;
    std::uint64_t graph = 0;
    std::uint64_t runs = 1;
    bool refused = false;
  };
  std::size_t most_;
  std::uint64_t last_graph_ = 0;
  std::list<Entry> entries_;  ///< the one used last in front
};

}  // namespace fcngraph::cudnn
