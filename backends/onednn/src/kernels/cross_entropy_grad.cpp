// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy.h>

#include "cross_entropy_labels.h"
#include "elementwise.h"
#include "kernel_def.h"
#include "pixel_loops.h"

namespace fcngraph::onednn::kernels {
namespace {

enum Operand : std::size_t { kLogits, kLabels, kClassWeights, kGradLossSum };

Capability capability(const StepView& step, const KernelPolicy&) {
  return plain_capability(step, "loop", "pixels side by side");
}

/// grad may be logits: a block's exponentials replace what they were made of.
void run_block(const CrossEntropyLabels& l, float* grad, const float* logits, const std::uint8_t* labels,
               const float* weights, float grad_loss_sum, std::int64_t count) {
  const PixelBlock block{l.channels, l.pixels, count};
  float largest[kPixels], sum[kPixels], share[kPixels], factor[kPixels];
  for (std::int64_t i = 0; i < count; ++i) {
    factor[i] = l.counts(labels[i]) ? CrossEntropyLabels::weight(weights, labels[i]) * grad_loss_sum : 0.0f;
  }
  largest_of_pixels(largest, logits, block);
  exponentials_of_pixels(grad, sum, logits, largest, block);
  for (std::int64_t i = 0; i < count; ++i) share[i] = factor[i] == 0.0f ? 0.0f : factor[i] / sum[i];
  scale_pixels(grad, share, block);
  for (std::int64_t i = 0; i < count; ++i) {
    if (factor[i] != 0.0f) grad[labels[i] * l.pixels + i] -= factor[i];
  }
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([l = cross_entropy_labels<CrossEntropyAttrs>(step)](const LaunchArgs& args) {
    for_each_block(l.images, l.pixels, [&](std::int64_t image, std::int64_t first, std::int64_t count, std::int64_t) {
      const std::int64_t at = image * l.channels * l.pixels + first;
      run_block(l, output(args, 0) + at, input(args, kLogits) + at, l.labels(args, image) + first,
                input(args, kClassWeights), input(args, kGradLossSum)[image], count);
    });
  });
}

}  // namespace

const KernelDef& cross_entropy_grad() {
  static const KernelDef def{"cross_entropy_grad", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
