// SPDX-License-Identifier: Apache-2.0
#include "conv2d_transpose_loops.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

struct TransposeCase {
  const char* name;
  Shape x;
  Conv2dTransposeAttrs attrs;
  bool bias = true;

  Shape y() const {
    const Extent2 out = transposed_output(attrs.window(), x[2], x[3]);
    return {x[0], attrs.filters, out.h, out.w};
  }
  Shape weight() const { return {attrs.filters, x[1] / attrs.groups, attrs.kernel.h, attrs.kernel.w}; }
};

std::vector<TransposeCase> transposes() {
  return {
      {"double_same", {2, 3, 4, 5}, {.filters = 2, .kernel = {4, 4}, .stride = {2, 2}}},
      {"double_valid",
       {1, 4, 3, 5},
       {.filters = 3, .kernel = {4, 4}, .stride = {2, 2}, .padding = Padding::valid},
       false},
      {"odd_same", {2, 2, 3, 4}, {.filters = 3, .kernel = {3, 5}, .stride = {2, 3}}},
      {"kernel_under_stride", {1, 2, 3, 3}, {.filters = 2, .kernel = {1, 2}, .stride = {3, 3}}},
      {"dilated", {1, 3, 4, 3}, {.filters = 2, .kernel = {3, 2}, .stride = {1, 2}, .dilation = {2, 3}}},
      {"dilated_valid", {1, 2, 3, 2}, {.filters = 2, .kernel = {2, 2}, .dilation = {2, 1}, .padding = Padding::valid}},
      {"grouped", {2, 4, 3, 3}, {.filters = 6, .kernel = {3, 3}, .stride = {2, 2}, .groups = 2}},
      {"depthwise", {1, 16, 3, 4}, {.filters = 16, .kernel = {4, 4}, .stride = {2, 2}, .groups = 16}, false},
      {"explicit",
       {1, 2, 4, 3},
       {.filters = 2, .kernel = {4, 4}, .stride = {2, 2}, .padding = Padding::explicit_pads, .pads = {2, 1, 0, 3}}},
      {"one1x1", {2, 5, 3, 4}, {.filters = 4}},
      {"one_pixel", {1, 1, 1, 1}, {.filters = 1, .kernel = {3, 3}}},
  };
}

}  // namespace

std::vector<OpCase> conv2d_transpose_cases() {
  std::vector<OpCase> out;
  for (const TransposeCase& c : transposes()) {
    out.push_back(
        {.name = c.name,
         .attrs = c.attrs,
         .operands = {plain(DType::f32, c.x), plain(DType::f32, c.weight()), plain(DType::f32, {c.attrs.filters})},
         .absent = {false, false, !c.bias}});
  }
  return out;
}

std::vector<OpCase> conv2d_transpose_gradient_cases(bool result_is_input) {
  std::vector<OpCase> out;
  for (const TransposeCase& c : transposes()) {
    const auto& a = c.attrs;
    const Shape first = result_is_input ? c.y() : c.x;
    const Shape second = result_is_input ? c.weight() : c.y();
    out.push_back({.name = c.name,
                   .attrs = Conv2dTransposeGradAttrs{a.kernel, a.stride, a.dilation, a.groups, a.padding, a.pads},
                   .operands = {plain(DType::f32, first), plain(DType::f32, second)},
                   .absent = {},
                   .gradient = false});
  }
  return out;
}

}  // namespace fcngraph::ops
