// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <doctest/doctest.h>

#include <fcngraph/engine/ops/batch_norm.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/dropout.h>
#include <fcngraph/engine/ops/gradient_norm.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/optimizer.h>
#include <fcngraph/engine/ops/softmax.h>
#include <fcngraph/engine/ops/weighted_sum.h>
#include <fcngraph/engine/random.h>

#include "run_op.h"

using namespace fcngraph;
using namespace fcngraph::test;

namespace {

std::vector<const OpDef*> training_ops() {
  return {&ops::batch_norm(),
          &ops::batch_norm_grad(),
          &ops::batch_norm_inference(),
          &ops::batch_norm_inference_grad(),
          &ops::softmax(),
          &ops::softmax_grad(),
          &ops::dropout(),
          &ops::cross_entropy(),
          &ops::cross_entropy_grad(),
          &ops::mean_loss(),
          &ops::mean_loss_grad(),
          &ops::weighted_sum(),
          &ops::l2_grad(),
          &ops::sum_squares(),
          &ops::clip_scale(),
          &ops::sgd(),
          &ops::adam(),
          &ops::adamw()};
}

/// Operand i of a case, its floating numbers in f32 or in f64, the same ones.
HostTensor draw(const OpCase& c, std::size_t i, bool wide) {
  const TensorType& type = c.operands[i];
  const auto count = static_cast<std::uint64_t>(type.shape.elements());
  const std::uint64_t key = random_key(i, c.name);
  std::vector<float> reals;
  std::vector<std::int64_t> integers;
  for (std::uint64_t k = 0; k < count; ++k) {
    reals.push_back(static_cast<float>(c.low + (c.high - c.low) * random_uniform(key, k)));
    integers.push_back(static_cast<std::int64_t>(random_below(key, k, static_cast<std::uint64_t>(c.classes))));
  }
  if (type.dtype == DType::u8) return tensor<std::uint8_t>(type.shape, {integers.begin(), integers.end()});
  if (type.dtype == DType::i64) return tensor<std::int64_t>(type.shape, integers);
  if (wide || type.dtype == DType::f64) return tensor<double>(type.shape, {reals.begin(), reals.end()});
  return tensor<float>(type.shape, reals);
}

std::vector<OptionalTensor> draw_all(const OpCase& c, bool wide) {
  std::vector<OptionalTensor> out;
  for (std::size_t i = 0; i < c.operands.size(); ++i) {
    const bool absent = i < c.absent.size() && c.absent[i];
    out.push_back(absent ? OptionalTensor{} : OptionalTensor{draw(c, i, wide)});
  }
  return out;
}

std::vector<double> widened(const HostTensor& from) {
  if (from.type.dtype == DType::f64) return values<double>(from);
  const auto narrow = values<float>(from);
  return {narrow.begin(), narrow.end()};
}

}  // namespace

TEST_CASE("every training op runs its cases, in f32 as in f64") {
  for (const OpDef* op : training_ops()) {
    CAPTURE(op->name);
    const auto cases = op->cases();
    REQUIRE_FALSE(cases.empty());
    for (const OpCase& c : cases) {
      CAPTURE(c.name);
      const auto narrow = run_op(*op, c.attrs, draw_all(c, false)), wide = run_op(*op, c.attrs, draw_all(c, true));
      REQUIRE(narrow.size() == wide.size());
      for (std::size_t r = 0; r < narrow.size(); ++r) {
        const auto a = widened(narrow[r]), b = widened(wide[r]);
        double worst = 0, largest = 1;
        for (std::size_t i = 0; i < a.size(); ++i) {
          REQUIRE(std::isfinite(b[i]));
          worst = std::max(worst, std::abs(a[i] - b[i]));
          largest = std::max(largest, std::abs(b[i]));
        }
        // Loops compute in double and round once: half a unit in the last place of f32, 2^-24.
        CHECK(worst <= 0x1p-23 * largest);
      }
    }
  }
}

TEST_CASE("every attribute of a training op is set by some case") {
  for (const OpDef* op : training_ops()) {
    CAPTURE(op->name);
    for (const AttrDoc& field : op->schema.fields) {
      CAPTURE(field.name);
      bool varied = false;
      for (const OpCase& c : op->cases()) varied = varied || c.attrs.to_map().at(field.name) != field.default_value;
      // The inference form accepts momentum and does not use it.
      CHECK((varied || (op == &ops::batch_norm_inference_grad() && field.name == "momentum")));
    }
  }
}

TEST_CASE("an op that may work in place gives the same bits there") {
  for (const OpDef* op : training_ops()) {
    if (!op->in_place) continue;
    CAPTURE(op->name);
    for (const OpCase& c : op->cases()) {
      CAPTURE(c.name);
      const auto expected = run_op(*op, c.attrs, draw_all(c, false));
      auto operands = draw_all(c, false);
      auto results = run_op(*op, c.attrs, operands);
      std::vector<TensorView> in, out;
      for (auto& operand : operands)
        in.push_back(operand ? TensorView{&operand->type, operand->data.data()} : TensorView{});
      for (auto& result : results) out.push_back({&result.type, result.data.data()});
      out[0].data = in[0].data;
      op->reference_f32({c.attrs, in, out, nullptr});
      CHECK(operands[0]->data == expected[0].data);
      for (std::size_t r = 1; r < results.size(); ++r) CHECK(results[r].data == expected[r].data);
    }
  }
}

TEST_CASE("results that nobody uses are left out") {
  for (const OpDef* op : training_ops()) {
    CAPTURE(op->name);
    const OpCase c = op->cases().front();
    auto operands = draw_all(c, false);
    const auto expected = run_op(*op, c.attrs, operands);
    for (std::size_t kept = 0; expected.size() > 1 && kept < expected.size(); ++kept) {
      std::vector<HostTensor> results = expected;
      std::vector<TensorView> in, out;
      for (auto& operand : operands)
        in.push_back(operand ? TensorView{&operand->type, operand->data.data()} : TensorView{});
      for (std::size_t r = 0; r < results.size(); ++r)
        out.push_back({&results[r].type, r == kept ? results[r].data.data() : nullptr});
      std::fill(results[kept].data.begin(), results[kept].data.end(), std::byte{0});
      op->reference_f32({c.attrs, in, out, nullptr});
      CHECK(results[kept].data == expected[kept].data);
    }
  }
}
