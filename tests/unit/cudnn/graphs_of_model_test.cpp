// SPDX-License-Identifier: Apache-2.0
// Every convolution of VGG-19 with FCN-8s, forward and backward, as a graph that cudnn_frontend validates. No GPU is needed.
#include <doctest/doctest.h>

#include <set>

#include "compiled_model.h"
#include "convolution_plan.h"
#include "cudnn_on_host.h"

namespace fcngraph::cudnn {
namespace {

std::set<PlanKey> keys_of(const Plan& plan) {
  std::set<PlanKey> keys;
  for (const Step& step : plan.steps) {
    if (!is_convolution(plan.graph.node(step.node).op->name)) continue;
    const ConvolutionStep c = convolution_step(plan.view(step), {});
    CHECK(c.why_direct.empty());
    keys.insert(c.key);
  }
  return keys;
}

TEST_CASE("cudnn_frontend validates every convolution of VGG-19 fcn8s, forward, data gradient, weight gradient") {
  for (const DType precision : {DType::f16, DType::bf16, DType::f32}) {
    CAPTURE(name_of(precision));
    const Plan plan =
        test::compiled("fcn8s.toml", Mode::train, testing::cudnn_on_host(), precision, 8, {"model.trainable=all"});
    int kinds[3] = {}, fused = 0;
    for (const PlanKey& key : keys_of(plan)) {
      CAPTURE(to_string(key));
      CHECK_NOTHROW(ConvolutionPlan{key});
      ++kinds[static_cast<std::size_t>(key.kind)];
      fused += key.bias && key.relu ? 1 : 0;
      CHECK(key.storage == precision);
    }
    // 16 convolutions of the backbone with 12 different extents, fc6, fc7, and scores.
    CHECK(kinds[0] >= 14);
    CHECK(kinds[1] >= 13);
    CHECK(kinds[2] >= 14);
    CHECK(fused >= 9);
  }
}

TEST_CASE("what is fused behind a convolution is validated in every combination") {
  PlanKey key;
  key.x = {2, 8, 6, 6}, key.w = {16, 8, 3, 3}, key.y = {2, 16, 6, 6}, key.pads = {1, 1, 1, 1};
  for (int bits = 0; bits < 8; ++bits) {
    key.bias = (bits & 1) != 0, key.addend = (bits & 2) != 0, key.relu = (bits & 4) != 0;
    CAPTURE(to_string(key));
    CHECK_NOTHROW(ConvolutionPlan{key});
  }
}

TEST_CASE("a graph that cudnn_frontend refuses is refused with its key and cudnn_frontend's words") {
  // More weights than 31 bits count.
  PlanKey key;
  key.x = {1, 512, 16, 16}, key.w = {65536, 512, 9, 9}, key.y = {1, 65536, 8, 8};
  try {
    const ConvolutionPlan plan(key);
    FAIL("it was accepted");
  } catch (const BackendError& e) {
    const std::string what = e.what();
    CAPTURE(what);
    CHECK(what.find("cudnn_frontend refuses a convolution (forward f16 x 1,512,16,16") != std::string::npos);
    CHECK(what.find("INT32_MAX") != std::string::npos);
  }
}

TEST_CASE("without a cuDNN a plan is not built, and says so") {
  PlanKey key;
  key.x = {1, 8, 6, 6}, key.w = {16, 8, 3, 3}, key.y = {1, 16, 4, 4};
  ConvolutionPlan plan(key);
  CHECK_FALSE(plan.build(nullptr).empty());
  CHECK(plan.bytes().empty());
}

}  // namespace
}  // namespace fcngraph::cudnn
