// SPDX-License-Identifier: Apache-2.0
// What the process grows by in three steps against what the plan said, packed weights apart: graphs/fcn8s.toml.
#include <cstdio>
#include <string>

#include "resident_memory.h"

int main() try {
  using fcngraph::Mode;
  const auto model = fcngraph::Model::load(std::string(FCNGRAPH_SOURCE_DIR) + "/graphs/fcn8s.toml");
  bool all = true;
  for (const auto& [name, mode, batch] : {std::tuple("infer", Mode::infer, 1), std::tuple("infer", Mode::infer, 8),
                                          std::tuple("train", Mode::train, 32)}) {
    const auto growth = fcngraph::testing::growth_of(model.compile({.mode = mode, .batch = batch}));
    std::printf("fcn8s, %s, batch %d: grew by %.1f MiB, predicted %.1f MiB (and %.1f MiB packed): %s\n", name, batch,
                static_cast<double>(growth.measured) / 0x1p20, static_cast<double>(growth.predicted) / 0x1p20,
                static_cast<double>(growth.packed) / 0x1p20,
                growth.as_predicted() ? "as predicted" : "NOT as predicted");
    std::fflush(stdout);
    all = all && growth.as_predicted();
  }
  return all ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
