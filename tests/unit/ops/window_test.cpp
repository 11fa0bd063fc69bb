// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/window.h>

#include <doctest/doctest.h>

#include <algorithm>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

Window same(std::int64_t kernel, std::int64_t stride, std::int64_t dilation = 1) {
  return {{kernel, kernel}, {stride, stride}, {dilation, dilation}, Padding::same, {}};
}

TEST_CASE("same padding splits the zeros as TensorFlow does") {
  struct Row {
    std::int64_t input, kernel, stride, dilation, output, before, after;
  };
  // Worked out from output = ceil(input / stride), total = max((output - 1) * stride + covered - input, 0), before =
  // total / 2.
  const Row rows[] = {{224, 3, 1, 1, 224, 1, 1}, {224, 3, 2, 1, 112, 0, 1}, {225, 3, 2, 1, 113, 1, 1},
                      {7, 7, 1, 1, 7, 3, 3},     {5, 2, 1, 1, 5, 0, 1},     {5, 4, 1, 1, 5, 1, 2},
                      {10, 3, 1, 2, 10, 2, 2},   {7, 1, 3, 1, 3, 0, 0},     {8, 2, 3, 1, 3, 0, 0},
                      {9, 2, 3, 1, 3, 0, 0},     {7, 2, 3, 1, 3, 0, 1},     {1, 3, 1, 1, 1, 1, 1},
                      {1, 5, 4, 1, 1, 2, 2}};
  for (const Row& r : rows) {
    CAPTURE(r.input);
    CAPTURE(r.kernel);
    CAPTURE(r.stride);
    const Window w = same(r.kernel, r.stride, r.dilation);
    CHECK((resolve_pads(w, r.input, r.input) == Pads{r.before, r.before, r.after, r.after}));
    CHECK((window_output(w, r.input, r.input) == Extent2{r.output, r.output}));
    // Nothing is left to round up.
    CHECK((window_output(w, r.input, r.input, true) == Extent2{r.output, r.output}));
  }
}

TEST_CASE("same padding always yields input over stride, rounded up") {
  for (std::int64_t input = 1; input <= 12; ++input) {
    for (std::int64_t kernel = 1; kernel <= 5; ++kernel) {
      for (std::int64_t stride = 1; stride <= 5; ++stride) {
        CAPTURE(input);
        CAPTURE(kernel);
        CAPTURE(stride);
        CHECK_EQ(window_output(same(kernel, stride), input, 1).h, (input + stride - 1) / stride);
      }
    }
  }
}

TEST_CASE("valid windows lie inside, explicit ones inside the pads") {
  CHECK((window_output({{5, 3}, {1, 2}, {1, 1}, Padding::valid, {}}, 8, 9) == Extent2{4, 4}));
  CHECK_LT(window_output({{5, 5}, {1, 1}, {1, 1}, Padding::valid, {}}, 4, 9).h, 1);
  CHECK((window_output({{3, 3}, {2, 1}, {1, 1}, Padding::explicit_pads, {2, 1, 0, 3}}, 5, 6) == Extent2{3, 8}));
  CHECK((covered({{3, 4}, {1, 1}, {2, 3}, Padding::valid, {}}) == Extent2{5, 10}));
}

TEST_CASE("ceil output sizes are Caffe's") {
  struct Row {
    std::int64_t input, kernel, stride, pad, floor, ceil;
  };
  // The last two: the window that rounding up adds would start in the padding, and is dropped.
  const Row rows[] = {{7, 2, 2, 0, 3, 4}, {8, 2, 2, 0, 4, 4}, {112, 3, 2, 0, 55, 56},
                      {6, 3, 2, 1, 3, 4}, {5, 1, 3, 0, 2, 2}, {2, 2, 3, 1, 1, 1}};
  for (const Row& r : rows) {
    CAPTURE(r.input);
    CAPTURE(r.kernel);
    const Window w{
        {r.kernel, r.kernel}, {r.stride, r.stride}, {1, 1}, Padding::explicit_pads, {r.pad, r.pad, r.pad, r.pad}};
    CHECK_EQ(window_output(w, r.input, r.input).h, r.floor);
    CHECK_EQ(window_output(w, r.input, r.input, true).w, r.ceil);
  }
}

TEST_CASE("mistakes of a window are sentences") {
  Window w = same(3, 1);
  CHECK_EQ(window_mistake(w), "");
  w.stride.w = 0;
  CHECK_EQ(window_mistake(w), "kernel, stride and dilation are expected to be from 1 to 2^31");
  w = same(3, 1);
  w.pads.left = 1;
  CHECK_EQ(window_mistake(w), "pads are given, but padding is not \"explicit\"");
  w.padding = Padding::explicit_pads;
  CHECK_EQ(window_mistake(w), "");
  w.pads.bottom = -1;
  CHECK_EQ(window_mistake(w), "pads are expected to be from 0 to 2^31");
}

}  // namespace
}  // namespace fcngraph
