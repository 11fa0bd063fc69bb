// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/rewriter.h>

#include "apply_weights.h"
#include "executor.h"
#include "null_backend.h"

namespace fcngraph {
namespace {

TEST_CASE(
    "a backend that the library does not know compiles and runs a plan: it is asked, and its kernels are launched") {
  testing::NullBackend backend;
  backend.layouts = {{"conv2d", "blocked"}};
  backend.weight_layouts = {{"conv2d", "packed"}};
  backend.workspaces = {{"conv2d", 4096}};
  backend.refusals = {{"conv2d", {{"epilogue", "\"relu\""}}}};
  std::vector<std::string> launched;
  backend.on_launch = [&](const std::string& step) { launched.push_back(step); };

  Graph graph("g");
  Diagnostics diagnostics;
  Rewriter r(graph, diagnostics);
  const ValueId image = r.add_input("image", {DType::f32, {1, 2, 4, 4}, {}});
  const ValueId weight = r.add_parameter("c.weight", {DType::f32, {3, 2, 1, 1}, {}}, {}, false);
  const ValueId c = r.add_value({"c", &ops::conv2d(), Conv2dAttrs{.filters = 3}, {image, weight}});
  r.set_output("y", r.add_value({"y", &ops::relu(), NoAttrs{}, {c}}));
  const OpTable table;
  CompilerOptions options;
  options.context = {.backend = &backend, .ops = &table};
  const Plan plan = compile(std::move(graph), options);

  Executor executor(plan, std::make_shared<TensorStore>(backend, DeviceOptions{}));
  apply_weights(executor, {});
  const std::vector<std::byte> pixels(2 * 4 * 4 * sizeof(float));
  executor.bind(0, pixels);
  executor.run();
  executor.run();
  const std::vector<std::string> run = {"image.blocked", "c", "c.plain", "y"};
  std::vector<std::string> expected = {"c.weight.packed"};  // once: the weight does not change
  for (int i = 0; i < 2; ++i) expected.insert(expected.end(), run.begin(), run.end());
  CHECK(launched == expected);
  CHECK(plan.resident_bytes > 0);
}

}  // namespace
}  // namespace fcngraph
