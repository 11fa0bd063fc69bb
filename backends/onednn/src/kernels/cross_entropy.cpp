// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/cross_entropy.h>

#include "cross_entropy_labels.h"
#include "elementwise.h"
#include "kernel_def.h"
#include "pixel_loops.h"

namespace fcngraph::onednn::kernels {
namespace {

/// What a block of pixels adds to its image.
struct Partial {
  double loss;
  double count;
};

std::int64_t blocks_of(const Shape& logits) { return (logits[2] * logits[3] + kPixels - 1) / kPixels; }

Capability capability(const StepView& step, const KernelPolicy&) {
  const Shape& s = step.operands[0]->shape;
  return plain_capability(step, "loop", "pixels side by side, sums of fixed blocks",
                          s[0] * blocks_of(s) * static_cast<std::int64_t>(sizeof(Partial)));
}

Partial run_block(const CrossEntropyLabels& l, const float* logits, const std::uint8_t* labels, const float* weights,
                  std::int64_t count) {
  const PixelBlock block{l.channels, l.pixels, count};
  float largest[kPixels], sum[kPixels];
  largest_of_pixels(largest, logits, block);
  exponential_sums(sum, logits, largest, block);
  log_pixels(sum, count);
  Partial partial{0, 0};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t label = labels[i];
    if (!l.counts(label)) continue;
    const float loss = sum[i] - (logits[label * l.pixels + i] - largest[i]);
    partial.loss += static_cast<double>(CrossEntropyLabels::weight(weights, label) * loss);
    partial.count += 1;
  }
  return partial;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  return loop_kernel([l = cross_entropy_labels<CrossEntropyAttrs>(step),
                      blocks = blocks_of(step.operands[0]->shape)](const LaunchArgs& args) {
    auto* partials = reinterpret_cast<Partial*>(args.workspace);
    const float* weights = args.operands.size() > 2 ? input(args, 2) : nullptr;
    for_each_block(l.images, l.pixels,
                   [&](std::int64_t image, std::int64_t first, std::int64_t count, std::int64_t task) {
                     partials[task] = run_block(l, input(args, 0) + image * l.channels * l.pixels + first,
                                                l.labels(args, image) + first, weights, count);
                   });
    for (std::int64_t n = 0; n < l.images; ++n) {
      Partial sum{0, 0};
      for (std::int64_t b = n * blocks; b < (n + 1) * blocks; ++b) {
        sum.loss += partials[b].loss;
        sum.count += partials[b].count;
      }
      if (args.results[0] != nullptr) output(args, 0)[n] = static_cast<float>(sum.loss);
      if (args.results.size() > 1 && args.results[1] != nullptr) output(args, 1)[n] = static_cast<float>(sum.count);
    }
  });
}

}  // namespace

const KernelDef& cross_entropy() {
  static const KernelDef def{"cross_entropy", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
