// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::testing {

/// A backend that computes nothing: what passes and plans do with a backend's answers, on any machine. It says yes to everything
/// but to what it is told to refuse, in plain layouts but where it is told to want others.
class NullBackend final : public Backend {
 public:
  /// Says no to an op: all of it ("max_pool2d"), or where attributes have these values ("conv2d", {"epilogue", "\"relu\""}).
  struct Refusal {
    std::string op;
    std::map<std::string, std::string> attrs;  ///< values as `to_string` writes them
  };
  std::vector<Refusal> refusals;
  /// Ops that read their first operand and write their first result in this layout: op -> tag.
  std::map<std::string, std::string> layouts;
  /// Ops that read their second operand, the weight, in this layout.
  std::map<std::string, std::string> weight_layouts;
  /// Scratch bytes by op.
  std::map<std::string, std::int64_t> workspaces;

  std::string_view name() const override { return "null"; }
  Probe probe() const override { return {true, "computes nothing"}; }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override;
  /// Memory of the host; kernels that leave it as it is, and tell `on_launch` their names.
  std::unique_ptr<Device> open(const DeviceOptions& options) const override;
  std::function<void(const std::string& step)> on_launch;
};

}  // namespace fcngraph::testing
