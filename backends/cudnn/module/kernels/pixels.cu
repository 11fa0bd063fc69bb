// SPDX-License-Identifier: Apache-2.0
// What is first and last of a batch: bytes of images as the network reads them, and how often each class was taken for each.
#include <algorithm>

#include <fcngraph/engine/ops/confusion.h>
#include <fcngraph/engine/ops/normalize_pixels.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

/// Straight into the layout that convolutions read.
Capability into_channels_last(const StepView& step) {
  Capability yes = as_it_lies(step);
  if (!step.layouts_are_final) yes.results[0] = channels_last(*step.results[0]);
  return yes;
}

struct Normalization {
  static constexpr int kMostChannels = 4;
  float divide = 1;
  float mean[kMostChannels] = {0, 0, 0, 0};
  float deviation[kMostChannels] = {1, 1, 1, 1};
  bool reversed = false;
};

void normalize(const Queue& queue, const Grid& grid, const Normalization& by, const std::uint8_t* x, float* y) {
  launch(queue, grid.pixels(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const std::uint8_t* pixel = x + i * grid.c;
    float* to = y + grid.at(grid.pixel(i));
    for (int c = 0; c < Normalization::kMostChannels; ++c) {
      if (c >= grid.c) return;
      const std::uint8_t value = pixel[by.reversed ? grid.c - 1 - c : c];
      to[c * grid.sc] = (static_cast<float>(value) / by.divide - by.mean[c]) / by.deviation[c];
    }
  });
}

Enqueue prepare_normalize(const StepView& step) {
  const auto& a = step.attrs->as<NormalizePixelsAttrs>();
  Normalization by;
  by.divide = static_cast<float>(a.divide), by.reversed = a.reversed;
  for (std::size_t c = 0; c < a.mean.size(); ++c) by.mean[c] = static_cast<float>(a.mean[c]);
  for (std::size_t c = 0; c < a.deviation.size(); ++c) by.deviation[c] = static_cast<float>(a.deviation[c]);
  return [y = grid_of(*step.results[0]), by](const LaunchArgs& args, const Queue& queue) {
    normalize(queue, y, by, in<std::uint8_t>(args, 0), out<float>(args, 0));
  };
}

/// Counters of its own for each of `lanes` threads, a row of `pairs` each, which are added up in two rounds: no two threads meet, and
/// 8 MiB are enough.
struct Lanes {
  static constexpr std::int64_t kMostCounters = std::int64_t{1} << 21, kParts = 32;
  std::int64_t classes, pairs, lanes;

  explicit Lanes(std::int64_t n)
      : classes(n),
        pairs(n * n),
        lanes(std::clamp<std::int64_t>(kMostCounters / pairs, kParts, 4096) / kParts * kParts) {}
  std::int64_t bytes() const { return (lanes + kParts) * pairs * static_cast<std::int64_t>(sizeof(std::uint32_t)); }
};

void confusion(const Queue& queue, const Lanes& l, std::int64_t pixels, std::int64_t ignore, const std::uint8_t* labels,
               const std::uint8_t* predicted, std::uint32_t* counters, std::int64_t* counts) {
  std::uint32_t* parts = counters + l.lanes * l.pairs;
  const std::int64_t lanes = l.lanes, pairs = l.pairs, classes = l.classes, each = lanes / Lanes::kParts;
  launch(queue, lanes * pairs, [=] FCNGRAPH_DEVICE(std::int64_t i) { counters[i] = 0; });
  launch(queue, lanes, [=] FCNGRAPH_DEVICE(std::int64_t lane) {
    std::uint32_t* mine = counters + lane * pairs;
    for (std::int64_t i = lane; i < pixels; i += lanes) {
      const std::int64_t label = labels[i], found = predicted[i];
      if (label != ignore && label < classes && found < classes) ++mine[label * classes + found];
    }
  });
  launch(queue, Lanes::kParts * pairs, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const std::uint32_t* from = counters + i / pairs * each * pairs + i % pairs;
    std::uint32_t sum = 0;
    for (std::int64_t lane = 0; lane < each; ++lane) sum += from[lane * pairs];
    parts[i] = sum;
  });
  launch(queue, pairs, [=] FCNGRAPH_DEVICE(std::int64_t pair) {
    std::int64_t sum = 0;
    for (std::int64_t part = 0; part < Lanes::kParts; ++part) sum += parts[part * pairs + pair];
    counts[pair] = sum;
  });
}

Capability with_counters(const StepView& step) {
  // Counters have 32 bits.
  if (step.operands[0]->shape.elements() >= std::int64_t{1} << 32)
    return Capability::no("it counts fewer than 2^32 pixels");
  return as_it_lies(step, Lanes(step.attrs->as<ConfusionAttrs>().classes).bytes());
}

Enqueue prepare_confusion(const StepView& step) {
  const auto& a = step.attrs->as<ConfusionAttrs>();
  return [lanes = Lanes(a.classes), ignore = a.ignore, pixels = step.operands[0]->shape.elements()](
             const LaunchArgs& args, const Queue& queue) {
    confusion(queue, lanes, pixels, ignore, in<std::uint8_t>(args, 0), in<std::uint8_t>(args, 1),
              at<std::uint32_t>(args.workspace), out<std::int64_t>(args, 0));
  };
}

constexpr KernelDef kTable[] = {
    {"normalize_pixels", into_channels_last, prepare_normalize},
    {"confusion", with_counters, prepare_confusion},
};

}  // namespace

std::span<const KernelDef> pixel_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
