// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/fcngraph.h>

namespace fcngraph::bench {

/// A value for every input of a training program: pixels or features as they come, classes below `classes`, a small learning rate.
inline std::map<std::string, Tensor> training_inputs(const Program& program, std::uint64_t classes) {
  std::map<std::string, Tensor> inputs;
  for (const auto& [name, slot] : program.plan().inputs) {
    // Features lie as the plan wants them, which may be in a layout of the backend.
    const TensorType& type = program.plan().slots[static_cast<std::size_t>(slot)].type;
    Tensor tensor{type, std::vector<std::byte>(static_cast<std::size_t>(bytes_of(type)))};
    const auto count = static_cast<std::uint64_t>(tensor.data.size() / size_of(type.dtype));
    for (std::uint64_t i = 0; i < count; ++i) {
      if (tensor.type.dtype == DType::f32) tensor.as<float>()[i] = static_cast<float>(255 * random_uniform(1, i) - 127);
      if (tensor.type.dtype == DType::u8) tensor.data[i] = static_cast<std::byte>(random_below(2, i, classes));
      if (tensor.type.dtype == DType::i64) tensor.as<std::int64_t>()[i] = static_cast<std::int64_t>(i) + 1;
    }
    if (name == "lr") *tensor.as<float>() = 1e-6F;
    if (name == "loss_scale") *tensor.as<float>() = 1;
    inputs.emplace(name, std::move(tensor));
  }
  return inputs;
}

}  // namespace fcngraph::bench
