// SPDX-License-Identifier: Apache-2.0
#include "gradient_check.h"

#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/scale.h>

#include <doctest/doctest.h>

#include <string>

namespace fcngraph {
namespace {

void expect_gradient(const OpDef& op, const OpCase& one) {
  const GradientReport report = check_gradient(op, one);
  INFO("op '" << op.name << "', case '" << one.name << "'");
  CHECK(report.checked > 0);
  // Random values hardly ever lie within a step of a kink: more than a few mean that the function is not what it
  // should be.
  CHECK(report.kinks * 20 <= report.checked + report.kinks);
  for (const std::string& mismatch : report.mismatches) FAIL_CHECK(mismatch);
}

/// a * b, in f64 alone: what the gradient of `square` is made of.
const OpDef& product() {
  static const OpDef def = OpBuilder<NoAttrs>("test_product", "Elementwise product.")
                               .input("a")
                               .input("b")
                               .output("y")
                               .infer([](const InferContext& c) { return std::vector{c.operand(0)}; })
                               .reference({},
                                          [](const ReferenceArgs& args) {
                                            for (std::int64_t i = 0; i < args.results[0].elements(); ++i) {
                                              args.results[0].as<double>()[i] =
                                                  args.operands[0].as<double>()[i] * args.operands[1].as<double>()[i];
                                            }
                                          })
                               .build();
  return def;
}

/// y = x^2 with a gradient of `factor` * x * grad_y, which is right for 2.
OpDef square(double factor) {
  return OpBuilder<NoAttrs>("test_square", "Square.")
      .input("x")
      .output("y")
      .infer([](const InferContext& c) { return std::vector{c.operand(0)}; })
      .gradient([factor](GradientContext& g) {
        const ValueId half = g.emit(product(), "product", NoAttrs{}, {g.operand(0), g.grad(0)});
        g.set(0, g.emit(ops::scale(), "grad", ScaleAttrs{factor}, {half}));
      })
      .reference({},
                 [](const ReferenceArgs& args) {
                   const double* x = args.operands[0].as<double>();
                   for (std::int64_t i = 0; i < args.results[0].elements(); ++i) {
                     args.results[0].as<double>()[i] = x[i] * x[i];
                   }
                 })
      .build();
}

TEST_CASE("the harness accepts a right gradient and refuses wrong ones") {
  const OpCase one{.name = "some", .attrs = NoAttrs{}, .operands = {{DType::f32, {3, 7}, {}}}, .absent = {}};
  const GradientReport right = check_gradient(square(2), one);
  CHECK_EQ(right.checked, 21);
  CHECK(right.mismatches.empty());
  CHECK_EQ(check_gradient(square(1.99), one).mismatches.size(), 21);
  CHECK_EQ(check_gradient(square(-2), one).mismatches.size(), 21);

  OpDef lacking = ops::add();
  lacking.gradient = [](GradientContext& g) { g.set(0, g.grad(0)); };
  const OpCase two{
      .name = "two", .attrs = NoAttrs{}, .operands = {{DType::f32, {2}, {}}, {DType::f32, {2}, {}}}, .absent = {}};
  REQUIRE_EQ(check_gradient(lacking, two).mismatches.size(), 1);
  CHECK_EQ(check_gradient(lacking, two).mismatches[0], "x1 has no gradient");
}

TEST_CASE("the gradient rule of every op agrees with central differences") {
  std::size_t ops = 0;
  for (const OpDef* op : builtin_ops()) {
    if (!op->gradient || !op->cases) continue;
    bool any = false;
    for (const OpCase& one : op->cases()) {
      if (!one.gradient) continue;
      any = true;
      expect_gradient(*op, one);
    }
    INFO("op '" << op->name << "' has a gradient rule and no case that checks it");
    CHECK(any);
    ++ops;
  }
  CHECK(ops >= 10);
}

TEST_CASE("an op with a gradient rule has cases") {
  for (const OpDef* op : builtin_ops()) {
    INFO("op '" << op->name << "'");
    CHECK((!op->gradient || op->cases));
  }
}

}  // namespace
}  // namespace fcngraph
