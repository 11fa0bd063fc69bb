// SPDX-License-Identifier: Apache-2.0
#include "training/batch_inputs.h"

#include <bit>
#include <cstring>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>

namespace fcngraph::training {
namespace {

template <class T>
void copy_front(const std::vector<T>& from, Tensor& to) {
  FCNGRAPH_ASSERT(from.size() * sizeof(T) >= to.data.size(), "the batch is smaller than the program's");
  std::memcpy(to.data.data(), from.data(), to.data.size());
}

}  // namespace

BatchInputs::BatchInputs(const Program& program) : batch_(program.batch()) {
  for (const auto& [name, slot] : program.plan().inputs) {
    const auto& type = program.plan().slots[static_cast<std::size_t>(slot)].type;
    tensors_.emplace(name, Tensor{type, std::vector<std::byte>(static_cast<std::size_t>(bytes_of(type)))});
  }
}

Tensor* BatchInputs::find(const std::string& name) {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? nullptr : &it->second;
}

void BatchInputs::fill(const data::Batch& batch) {
  if (auto* image = find("image")) copy_front(batch.images, *image);
  if (auto* labels = find("labels")) copy_front(batch.labels, *labels);
}

void BatchInputs::fill_step(const data::Batch& batch, std::uint64_t seed, double lr, std::int64_t step) {
  if (auto* keys = find("sample_keys")) {
    const auto epoch = random_key(seed, static_cast<std::uint64_t>(batch.epoch));
    for (std::int64_t i = 0; i < batch_; ++i) {
      const auto sample = batch.samples[static_cast<std::size_t>(i)];
      keys->as<std::int64_t>()[i] = std::bit_cast<std::int64_t>(random_key(epoch, static_cast<std::uint64_t>(sample)));
    }
  }
  if (auto* rate = find("lr")) *rate->as<float>() = static_cast<float>(lr);
  if (auto* number = find("step")) *number->as<std::int64_t>() = step;
}

}  // namespace fcngraph::training
