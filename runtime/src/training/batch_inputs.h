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

  /// Takes as many samples of the batch as the program has room for.
  void fill(const data::Batch& batch);
  /// What a training step needs besides: keys of randomness by (seed, epoch, sample), learning rate, step from 1.
  void fill_step(const data::Batch& batch, std::uint64_t seed, double lr, std::int64_t step);

  const std::map<std::string, Tensor>& tensors() const noexcept { return tensors_; }
  std::int64_t batch() const noexcept { return batch_; }
  /// The tensor of an input; null where the program has none of that name.
  Tensor* find(const std::string& name);

 private:
  std::int64_t batch_ = 0;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace fcngraph::training
