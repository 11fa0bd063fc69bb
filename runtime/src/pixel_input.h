// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <fcngraph/engine/ops/normalize_pixels.h>

#include "executor.h"

namespace fcngraph {

/// Brings images to a device as the bytes that they were decoded to, a quarter of what they are once preprocessed, and has the device
/// preprocess them into the program's input.
class PixelInput {
 public:
  /// For input i of the plan, f32 [N, C, H, W], of `pixels`, u8 [N, H, W, C]. Null where the host addresses the device's memory, or the
  /// backend cannot.
  static std::unique_ptr<PixelInput> make(Executor& executor, const KernelPolicy& policy, std::size_t input,
                                          const NormalizePixelsAttrs& normalization, const TensorType& pixels);
  /// Instead of Executor::bind.
  void bind(std::span<const std::byte> pixels);

 private:
  PixelInput(Executor& executor, std::size_t input) : executor_(executor), input_(input) {}

  Executor& executor_;
  std::size_t input_;
  std::unique_ptr<Buffer> pixels_, workspace_;
  std::unique_ptr<Kernel> kernel_;  ///< after its memory: destroyed before it
};

}  // namespace fcngraph
