// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/engine/export.h>
#include <fcngraph/engine/mode.h>
#include <fcngraph/session.h>
#include <fcngraph/weights.h>

namespace fcngraph {

struct Plan;
class Graph;

/// A compiled model: immutable, cheap to copy, shareable between threads. For one mode, backend, batch and input size.
class FCNGRAPH_API Program {
 public:
  Mode mode() const;
  /// Images at a time.
  std::int64_t batch() const;
  /// To train: in how many runs a whole batch goes through.
  std::int64_t parts() const;
  /// To train: segments of the forward part whose inside is computed again; 0: none.
  int recompute() const;
  std::int64_t height() const;
  std::int64_t width() const;
  /// The backend that was taken, and why ("auto: onednn, since ...").
  const std::string& backend() const;
  const std::string& backend_reason() const;
  std::vector<std::string> outputs() const;
  /// One paragraph: steps, GFLOP, memory.
  std::string summary() const;
  const Plan& plan() const;

  /// Puts weights on the device. Tensors that `weights` lacks start at their initialisers, keyed by (seed, name). Throws GraphError
  /// naming both shapes when one does not fit, IoError naming the tensor when one holds a NaN or infinity.
  Session open(const Weights& weights = {}, std::uint64_t seed = 0) const;
  /// A session that shares the saved tensors (parameters, states) of another one on the same backend. What that one lacks comes from
  /// `weights`, or starts at its initialiser.
  Session open(const Session& other, const Weights& weights = {}) const;

  struct Impl;
  explicit Program(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace fcngraph
