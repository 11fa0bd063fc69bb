// SPDX-License-Identifier: Apache-2.0
#include "training/batch_inputs.h"

#include <algorithm>
#include <bit>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>

namespace fcngraph::training {
namespace {

/// Elements of `each` a sample, from sample `first` on; `padding` where there are none.
template <class T>
void copy_samples(const std::vector<T>& from, std::int64_t first, Tensor& to, T padding) {
  const auto room = static_cast<std::size_t>(to.type.shape.elements());
  const auto begin = static_cast<std::size_t>(first) * (room / static_cast<std::size_t>(to.type.shape[0]));
  const auto count = std::min(room, from.size() - std::min(begin, from.size()));
  T* out = std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(begin), count, to.as<T>());
  std::fill_n(out, room - count, padding);
}

/// A number of the loss's type, where the program has one of that name.
void put(Tensor* number, double value) {
  if (number == nullptr) return;
  if (number->type.dtype == DType::f64) {
    *number->as<double>() = value;
  } else {
    *number->as<float>() = static_cast<float>(value);
  }
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

void BatchInputs::fill(const data::Batch& batch, std::int64_t first) {
  if (auto* image = find("image")) copy_samples(batch.images, first, *image, 0.0F);
  if (auto* labels = find("labels")) copy_samples(batch.labels, first, *labels, kIgnore);
}

void BatchInputs::fill_step(const data::Batch& batch, std::uint64_t seed, double lr, std::int64_t step,
                            std::int64_t first) {
  if (auto* keys = find("sample_keys")) {
    const auto epoch = random_key(seed, static_cast<std::uint64_t>(batch.epoch));
    for (std::int64_t i = 0; i < batch_; ++i) {
      const auto at = static_cast<std::size_t>(first + i);
      const std::int64_t sample = at < batch.samples.size() ? batch.samples[at] : -1;
      keys->as<std::int64_t>()[i] = std::bit_cast<std::int64_t>(random_key(epoch, static_cast<std::uint64_t>(sample)));
    }
  }
  if (auto* rate = find("lr")) *rate->as<float>() = static_cast<float>(lr);
  if (auto* number = find("step")) *number->as<std::int64_t>() = step;
}

void BatchInputs::fill_part(std::int64_t valid_pixels, bool keep_gradients) {
  put(find("normalizer"), static_cast<double>(valid_pixels));
  if (auto* keep = find("keep_gradients")) *keep->as<float>() = keep_gradients ? 1.0F : 0.0F;
}

void BatchInputs::fill_loss_scale(double scale) { put(find(std::string(kLossScale)), scale); }

}  // namespace fcngraph::training
