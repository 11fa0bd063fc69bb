// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace fcngraph::cudnn {

/// A plan as cuDNN has written it.
struct KeptPlan {
  std::vector<std::uint8_t> bytes;
  double seconds = 0;  ///< of one run, where it was chosen by timing; 0: by heuristics
  bool operator==(const KeptPlan&) const = default;
};

/// Plans that cuDNN has made, by key, for one GPU with one driver and one cuDNN: on another machine they mean nothing.
struct PlanFile {
  static constexpr std::uint32_t kFormat = 2;
  std::string machine;  ///< "NVIDIA H200 sm_90 driver 13000 cudnn 91900"
  std::map<std::string, KeptPlan> plans;

  std::vector<std::uint8_t> bytes() const;
  /// What `bytes` wrote. Nothing at all where they are damaged, of another format or of another machine: plans can be made again.
  static PlanFile read(std::span<const std::uint8_t> bytes, const std::string& machine);
};

std::string machine_text(const std::string& device, int compute_capability, int driver, std::size_t cudnn);

/// The file of a machine in a folder; its name is made of the machine's text.
std::string plan_path(const std::string& folder, const std::string& machine);

}  // namespace fcngraph::cudnn
