// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <fcngraph/program.h>
#include <fcngraph/tensor.h>

#include "data/batch_loader.h"

namespace fcngraph::training {

/// The input tensors of a training or evaluation program, allocated once and filled for each batch. Inputs that the program does
/// not have are left out.
class BatchInputs {
 public:
  explicit BatchInputs(const Program& program);

  /// Takes as many samples of the batch, from `first` on, as the program has room for; where the batch has no more, the rest is
  /// zero images and ignored labels.
  void fill(const data::Batch& batch, std::int64_t first = 0);
  /// What a training step needs besides: keys of randomness by (seed, epoch, sample), learning rate, step from 1.
  void fill_step(const data::Batch& batch, std::uint64_t seed, double lr, std::int64_t step, std::int64_t first = 0);
  /// What a part of a batch needs besides: the valid pixels of the whole batch, and whether gradients of earlier parts are kept.
  void fill_part(std::int64_t valid_pixels, bool keep_gradients);
  /// What gradients are multiplied by.
  void fill_loss_scale(double scale);

  const std::map<std::string, Tensor>& tensors() const noexcept { return tensors_; }
  std::int64_t batch() const noexcept { return batch_; }
  /// The tensor of an input; null where the program has none of that name.
  Tensor* find(const std::string& name);

 private:
  std::int64_t batch_ = 0;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace fcngraph::training
