// SPDX-License-Identifier: Apache-2.0
// softmax, softmax_grad, argmax: one pixel a thread, over its channels.
#include <cmath>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

Capability anyhow(const StepView& step) { return as_it_lies(step); }
Capability aligned(const StepView& step) { return side_by_side(step); }

void softmax(const Queue& queue, const Grid& x_grid, const Grid& y_grid, const float* x, float* y) {
  launch(queue, x_grid.pixels(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = x_grid.pixel(i);
    const float* from = x + x_grid.at(p);
    float* to = y + y_grid.at(p);
    float largest = from[0], sum = 0;
    for (std::int64_t c = 1; c < x_grid.c; ++c) largest = fmaxf(largest, from[c * x_grid.sc]);
    for (std::int64_t c = 0; c < x_grid.c; ++c) sum += expf(from[c * x_grid.sc] - largest);
    for (std::int64_t c = 0; c < x_grid.c; ++c) to[c * y_grid.sc] = expf(from[c * x_grid.sc] - largest) / sum;
  });
}

Enqueue prepare_softmax(const StepView& step) {
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0])](const LaunchArgs& args, const Queue& queue) {
    softmax(queue, x, y, in<float>(args, 0), out<float>(args, 0));
  };
}

void softmax_grad(const Queue& queue, const Grid& grid, const float* grad_y, const float* y, float* grad_x) {
  launch(queue, grid.pixels(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const std::int64_t first = grid.at(grid.pixel(i));
    float dot = 0;
    for (std::int64_t c = 0; c < grid.c; ++c) dot += grad_y[first + c * grid.sc] * y[first + c * grid.sc];
    for (std::int64_t c = 0; c < grid.c; ++c) {
      const std::int64_t at = first + c * grid.sc;
      grad_x[at] = y[at] * (grad_y[at] - dot);
    }
  });
}

Enqueue prepare_softmax_grad(const StepView& step) {
  return [grid = grid_of(*step.operands[0])](const LaunchArgs& args, const Queue& queue) {
    softmax_grad(queue, grid, in<float>(args, 0), in<float>(args, 1), out<float>(args, 0));
  };
}

void argmax(const Queue& queue, const Grid& grid, const float* x, std::uint8_t* y) {
  launch(queue, grid.pixels(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const float* from = x + grid.at(grid.pixel(i));
    float leader = from[0];
    std::int64_t best = 0;
    for (std::int64_t c = 1; c < grid.c; ++c) {
      const float value = from[c * grid.sc];
      if (value > leader || (leader != leader && value == value)) leader = value, best = c;
    }
    y[i] = static_cast<std::uint8_t>(best);
  });
}

Enqueue prepare_argmax(const StepView& step) {
  return [x = grid_of(*step.operands[0])](const LaunchArgs& args, const Queue& queue) {
    argmax(queue, x, in<float>(args, 0), out<std::uint8_t>(args, 0));
  };
}

constexpr KernelDef kTable[] = {
    {"softmax", anyhow, prepare_softmax},
    {"softmax_grad", aligned, prepare_softmax_grad},
    {"argmax", anyhow, prepare_argmax},
};

}  // namespace

std::span<const KernelDef> softmax_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
