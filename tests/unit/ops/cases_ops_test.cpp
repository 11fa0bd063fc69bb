// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <fcngraph/engine/op.h>

#include "random_tensor.h"
#include "run_op.h"

namespace fcngraph {
namespace {

using test::OptionalTensor;

/// The operands of a case; floating ones hold the same f32 numbers in either precision.
std::vector<OptionalTensor> draw(const OpCase& one, DType floating) {
  std::vector<OptionalTensor> out;
  for (std::size_t i = 0; i < one.operands.size(); ++i) {
    if (i < one.absent.size() && one.absent[i]) {
      out.emplace_back();
      continue;
    }
    HostTensor narrow = random_tensor(one.operands[i], random_key(i, one.name), {one.low, one.high, one.classes});
    if (narrow.type.dtype != DType::f32 || floating == DType::f32) {
      out.emplace_back(std::move(narrow));
      continue;
    }
    HostTensor wide = HostTensor::zeros({DType::f64, narrow.type.shape, {}});
    std::copy_n(narrow.as<float>(), narrow.type.shape.elements(), wide.as<double>());
    out.emplace_back(std::move(wide));
  }
  return out;
}

// Every loop sums in double and rounds once, so f32 differs from f64 by half a unit in the last place: 2^-24 of the
// element, and of the operands' rounding nothing, for they are the same.
void expect_close(const HostTensor& narrow, const HostTensor& wide) {
  REQUIRE((narrow.type.shape == wide.type.shape));
  if (narrow.type.dtype != DType::f32) {
    CHECK((narrow.data == wide.data));
    return;
  }
  double worst = 0;
  for (std::int64_t i = 0; i < narrow.type.shape.elements(); ++i) {
    const double expected = wide.as<double>()[i];
    worst =
        std::max(worst, std::abs(static_cast<double>(narrow.as<float>()[i]) - expected) - 0x1p-23 * std::abs(expected));
    CHECK(std::isfinite(expected));
  }
  CHECK(worst <= 1e-30);
}

const std::set<std::string>& spatial_ops() {
  static const std::set<std::string> names{"conv2d",
                                           "conv2d_grad_input",
                                           "conv2d_grad_weight",
                                           "sum_to_channels",
                                           "relu",
                                           "relu_grad",
                                           "conv2d_transpose",
                                           "conv2d_transpose_grad_input",
                                           "conv2d_transpose_grad_weight",
                                           "max_pool2d",
                                           "avg_pool2d",
                                           "avg_pool2d_grad",
                                           "upsample",
                                           "upsample_grad",
                                           "crop",
                                           "pad",
                                           "add",
                                           "concat",
                                           "slice_channels",
                                           "scale",
                                           "argmax"};
  return names;
}

TEST_CASE("the cases of spatial ops run in f32 as in f64") {
  std::size_t found = 0;
  for (const OpDef* op : builtin_ops()) {
    if (!spatial_ops().contains(op->name)) continue;
    ++found;
    INFO("op '" << op->name << "'");
    REQUIRE(op->cases);
    for (const OpCase& one : op->cases()) {
      INFO("case '" << one.name << "'");
      const auto narrow = test::run_op(*op, one.attrs, draw(one, DType::f32));
      const auto wide = test::run_op(*op, one.attrs, draw(one, DType::f64));
      REQUIRE_EQ(narrow.size(), wide.size());
      for (std::size_t r = 0; r < narrow.size(); ++r) expect_close(narrow[r], wide[r]);
    }
  }
  CHECK_EQ(found, spatial_ops().size());
}

TEST_CASE("cases of spatial ops have names of their own and set every attribute") {
  for (const OpDef* op : builtin_ops()) {
    if (!spatial_ops().contains(op->name)) continue;
    INFO("op '" << op->name << "'");
    std::set<std::string> names;
    for (const OpCase& one : op->cases()) CHECK(names.insert(one.name).second);
    for (const AttrDoc& field : op->schema.fields) {
      CAPTURE(field.name);
      const auto cases = op->cases();
      CHECK(std::any_of(cases.begin(), cases.end(),
                        [&](const OpCase& one) { return one.attrs.to_map().at(field.name) != field.default_value; }));
    }
  }
}

TEST_CASE("an op that may work in place gives the same bits there") {
  for (const OpDef* op : builtin_ops()) {
    if (!spatial_ops().contains(op->name) || !op->in_place) continue;
    INFO("op '" << op->name << "'");
    for (const OpCase& one : op->cases()) {
      INFO("case '" << one.name << "'");
      auto operands = draw(one, DType::f32);
      const auto expected = test::run_op(*op, one.attrs, operands);
      std::vector<TensorView> in;
      for (auto& operand : operands)
        in.push_back(operand ? TensorView{&operand->type, operand->data.data()} : TensorView{});
      const TensorView out[] = {{&expected[0].type, in[0].data}};
      op->reference_f32({one.attrs, in, out, nullptr});
      CHECK((operands[0]->data == expected[0].data));
    }
  }
}

}  // namespace
}  // namespace fcngraph
