// SPDX-License-Identifier: Apache-2.0
#include "conv2d_loops.h"

namespace fcngraph::ops {
namespace {

struct ConvCase {
  const char* name;
  Shape x;
  Conv2dAttrs attrs;
  bool bias = true;
};

std::vector<ConvCase> convolutions() {
  return {
      {"same3x3", {2, 3, 7, 9}, {.filters = 5, .kernel = {3, 3}}},
      {"one1x1", {2, 6, 4, 5}, {.filters = 4}},
      {"wide_channels", {1, 32, 6, 6}, {.filters = 48, .kernel = {3, 3}}},
      {"stride2", {1, 4, 9, 8}, {.filters = 6, .kernel = {3, 3}, .stride = {2, 2}}, false},
      {"dilated", {1, 3, 11, 10}, {.filters = 4, .kernel = {3, 3}, .dilation = {2, 3}}},
      {"grouped", {2, 6, 5, 5}, {.filters = 4, .kernel = {3, 3}, .groups = 2}},
      {"depthwise", {1, 16, 6, 7}, {.filters = 16, .kernel = {3, 3}, .groups = 16}, false},
      {"valid5x3", {1, 3, 8, 9}, {.filters = 2, .kernel = {5, 3}, .padding = Padding::valid}},
      {"explicit",
       {1, 3, 5, 6},
       {.filters = 4, .kernel = {3, 3}, .stride = {2, 1}, .padding = Padding::explicit_pads, .pads = {2, 1, 0, 3}}},
      {"seven_same_on_seven", {1, 8, 7, 7}, {.filters = 16, .kernel = {7, 7}}, false},
      {"one_pixel", {1, 1, 1, 1}, {.filters = 1, .kernel = {3, 3}}},
  };
}

TensorType f32(Shape shape) { return {DType::f32, std::move(shape), {}}; }

Shape output_shape(const ConvCase& c) {
  const Extent2 out = window_output(c.attrs.window(), c.x[2], c.x[3]);
  return {c.x[0], c.attrs.filters, out.h, out.w};
}

Shape weight_shape(const ConvCase& c) {
  return {c.attrs.filters, c.x[1] / c.attrs.groups, c.attrs.kernel.h, c.attrs.kernel.w};
}

}  // namespace

std::vector<OpCase> conv2d_cases() {
  std::vector<OpCase> out;
  for (const ConvCase& c : convolutions()) {
    OpCase one{.name = c.name,
               .attrs = c.attrs,
               .operands = {f32(c.x), f32(weight_shape(c)), f32({c.attrs.filters}), f32({})},
               .absent = {false, false, !c.bias, true}};
    out.push_back(one);
    for (const Epilogue e : {Epilogue::relu, Epilogue::add, Epilogue::add_relu}) {
      if (std::string_view(c.name) != "same3x3" && std::string_view(c.name) != "wide_channels") continue;
      Conv2dAttrs fused = c.attrs;
      fused.epilogue = e;
      OpCase with = one;
      with.name = std::string(c.name) + "_" + EnumNames<Epilogue>::names[static_cast<std::size_t>(e)];
      with.attrs = fused;
      with.gradient = false;
      if (e != Epilogue::relu) {
        with.operands[3] = f32(output_shape(c));
        with.absent[3] = false;
      }
      out.push_back(with);
    }
  }
  return out;
}

std::vector<OpCase> conv2d_gradient_cases(bool result_is_input) {
  std::vector<OpCase> out;
  for (const ConvCase& c : convolutions()) {
    OpCase one{.name = c.name,
               .attrs = gradient_attrs(c.attrs, c.x[2], c.x[3]),
               .operands = {},
               .absent = {},
               .gradient = false};
    if (result_is_input) {
      one.operands = {f32(output_shape(c)), f32(weight_shape(c))};
    } else {
      one.operands = {f32(c.x), f32(output_shape(c))};
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace fcngraph::ops
