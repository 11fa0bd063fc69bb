// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// "0.1.0"
FCNGRAPH_API std::string_view version() noexcept;

/// The machine and the build, as one would paste them into a report.
struct Environment {
  std::string version;
  std::string compiler;
  std::string system;            ///< kernel name, release, architecture
  std::string cpu;               ///< model name
  std::vector<std::string> isa;  ///< of the instruction sets that kernels care about, those that are there
  int threads = 0;               ///< that the machine offers
  std::int64_t memory_bytes = 0;
  std::vector<std::pair<std::string, std::string>> libraries;  ///< name, version
  struct BackendState {
    std::string name;
    bool available = false;
    std::string text;
  };
  std::vector<BackendState> backends;
};
FCNGRAPH_API Environment environment();

}  // namespace fcngraph
