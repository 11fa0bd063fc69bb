// SPDX-License-Identifier: Apache-2.0
#include "convolution.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "cudnn_on_host.h"

namespace fcngraph::cudnn {
namespace {

const TensorType kX{DType::f16, {2, 8, 9, 7}, {}}, kW{DType::f16, {16, 8, 3, 3}, {}}, kBias{DType::f16, {16}, {}},
    kY{DType::f16, {2, 16, 5, 4}, {}};

StepView conv_view(const Attrs& attrs, const TensorType* addend = nullptr) {
  return {"c", &ops::conv2d(), &attrs, {&kX, &kW, &kBias, addend}, {&kY}, nullptr};
}

TEST_CASE("a key says everything that a plan depends on") {
  const Attrs attrs = Conv2dAttrs{.filters = 16, .kernel = {3, 3}, .stride = {2, 2}, .epilogue = Epilogue::relu};
  const ConvolutionStep step = convolution_step(conv_view(attrs), {});
  CHECK(to_string(step.key) ==
        "forward f16 x 2,8,9,7 w 16,8,3,3 y 2,16,5,4 pads 1,1,1,1 stride 2,2 dilation 1,1 bias relu deterministic");
  CHECK(to_string(without_epilogue(step.key)) ==
        "forward f16 x 2,8,9,7 w 16,8,3,3 y 2,16,5,4 pads 1,1,1,1 stride 2,2 dilation 1,1 deterministic");
  // Names of steps and addresses are no part of it; each of these is.
  CHECK(convolution_step(conv_view(attrs), {}).key == step.key);
  CHECK(convolution_step(conv_view(attrs), {.deterministic = false}).key != step.key);
  const PlanKey timed = convolution_step(conv_view(attrs), {.kernels = "autotune"}).key;
  CHECK(timed != step.key);
  CHECK(to_string(timed) == to_string(step.key) + " autotune");
  CHECK(without_epilogue(timed).autotune);
  const Attrs added = Conv2dAttrs{.filters = 16, .kernel = {3, 3}, .stride = {2, 2}, .epilogue = Epilogue::add_relu};
  CHECK(convolution_step(conv_view(added, &kY), {}).key.addend);
}

TEST_CASE("a transposed convolution is the data gradient of the convolution with its window") {
  const TensorType x{DType::f16, {2, 16, 5, 4}, {}}, w{DType::f16, {8, 16, 4, 4}, {}}, y{DType::f16, {2, 8, 10, 8}, {}};
  const Attrs attrs = Conv2dTransposeAttrs{.filters = 8, .kernel = {4, 4}, .stride = {2, 2}};
  const StepView view{"t", &ops::conv2d_transpose(), &attrs, {&x, &w, nullptr}, {&y}, nullptr};
  const ConvolutionStep step = convolution_step(view, {});
  CHECK(to_string(step.key) ==
        "data_gradient f16 x 2,8,10,8 w 16,8,4,4 y 2,16,5,4 pads 1,1,1,1 stride 2,2 dilation 1,1 deterministic");
  CHECK(step.weight_layout == kInputsOutermost);
  CHECK(step.why_direct.empty());
  const TensorType each{DType::f16, {16, 1, 4, 4}, {}}, wide{DType::f16, {2, 16, 10, 8}, {}};
  const Attrs grouped = Conv2dTransposeAttrs{.filters = 16, .kernel = {4, 4}, .stride = {2, 2}, .groups = 16};
  const StepView apart{"t", &ops::conv2d_transpose(), &grouped, {&x, &each, nullptr}, {&wide}, nullptr};
  CHECK_FALSE(convolution_step(apart, {}).why_direct.empty());
}

TEST_CASE("the answer says which engine runs, and why not a better one") {
  const Attrs attrs = Conv2dAttrs{.filters = 16, .kernel = {3, 3}, .stride = {2, 2}, .epilogue = Epilogue::relu};
  const auto answer = [&](const Backend& backend) { return backend.capability(conv_view(attrs), {}); };
  CHECK(answer(testing::cudnn_on_host()).kernel == "cudnn");
  const Capability apart = answer(testing::cudnn_on_host(true, false));
  CHECK(apart.kernel == "cudnn+cuda");
  CHECK(apart.reason.find("bias and ReLU apart") != std::string::npos);
  const Capability direct = answer(testing::cudnn_on_host(false));
  CHECK(direct.kernel == "cuda:direct");
  CHECK(direct.reason == "cuDNN has no engine for it: there is none");
  for (const Capability& c : {apart, direct}) {
    CHECK(c.operands[0].tag == kChannelsLast);
    CHECK(c.operands[1].tag == kChannelsLast);
    CHECK(c.operands[2].is_plain());
    CHECK(c.results[0].tag == kChannelsLast);
  }
  const Attrs pooled = Conv2dAttrs{.filters = 16, .kernel = {3, 3}, .epilogue = Epilogue::relu_max_pool};
  CHECK(testing::cudnn_on_host().capability(conv_view(pooled), {}).reason ==
        "cuDNN fuses no pooling behind a convolution");
}

}  // namespace
}  // namespace fcngraph::cudnn
