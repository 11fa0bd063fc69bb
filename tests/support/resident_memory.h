// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include <fcngraph/engine/plan.h>
#include <fcngraph/fcngraph.h>

namespace fcngraph::testing {

/// Bytes of the process that are in memory now.
inline std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// Inputs of a program, all of them ordinary numbers.
inline std::map<std::string, Tensor> ordinary_inputs(const Program& program) {
  std::map<std::string, Tensor> inputs;
  for (const auto& [name, slot] : program.plan().inputs) {
    const auto& type = program.plan().slots[static_cast<std::size_t>(slot)].type;
    auto tensor = Tensor::zeros({type.dtype, type.shape, {}});
    const auto count = tensor.type.shape.elements();
    for (std::int64_t i = 0; i < count; ++i) {
      if (name == "image") tensor.as<float>()[i] = static_cast<float>(i * 7919 % 251) - 125.0F;
      if (name == "labels") tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i / 5 % 2);
      if (name == "sample_keys") tensor.as<std::int64_t>()[i] = i;
    }
    if (name == "lr") *tensor.as<float>() = 1e-6F;
    if (name == "step") *tensor.as<std::int64_t>() = 1;
    if (name == "normalizer") *tensor.as<float>() = 1e6F;
    inputs.emplace(name, std::move(tensor));
  }
  return inputs;
}

/// What the process grew by from after the program was opened to after its third step, and what its plan said; packed weights,
/// which the first step makes, are counted apart.
struct Growth {
  std::int64_t measured = 0, predicted = 0, packed = 0;
  /// Within a tenth, or so many bytes.
  bool as_predicted(double bytes = 0x1p24) const {
    const std::int64_t difference = measured - predicted;
    return std::abs(static_cast<double>(difference)) <= std::max(0.1 * static_cast<double>(predicted), bytes);
  }
};

inline Growth growth_of(const Program& program) {
  const auto inputs = ordinary_inputs(program);
  auto session = program.open();
  const std::int64_t before = resident_bytes();
  for (int i = 0; i < 3; ++i) session.step(inputs);
  const auto& plan = program.plan();
  return {resident_bytes() - before - plan.resident_bytes, plan.arena_bytes, plan.resident_bytes};
}

}  // namespace fcngraph::testing
