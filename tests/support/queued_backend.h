// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// A backend whose devices work beside the host, as a GPU does, at the worst times that the interface allows: nothing that was
/// launched happens before someone waits for it, what is brought beside it is there at once, and what is taken comes last. It has
/// memory of its own, so much of it, and computes as another backend does.
class QueuedBackend final : public Backend {
 public:
  /// `under` must outlive it. What FCNGRAPH_QUEUED_BESIDE is set to when asked: 0 takes the copies beside runs away.
  /// FCNGRAPH_QUEUED_MEMORY: bytes of memory; 1 GiB where unset.
  explicit QueuedBackend(const Backend& under) : under_(under) {}
  std::string_view name() const override { return under_.name(); }
  Probe probe() const override { return {true, "a queue before " + under_.probe().text}; }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    return under_.capability(step, policy);
  }
  std::unique_ptr<Device> open(const DeviceOptions& options) const override;
  bool works_beside_host() const override;

 private:
  const Backend& under_;
};

}  // namespace fcngraph::testing
