// SPDX-License-Identifier: Apache-2.0
#include "gradient_check.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/scale.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/random.h>

#include "random_tensor.h"

namespace fcngraph {
namespace {

// The step is a power of two, h = 2^-17, near the cube root of the unit roundoff, where the two errors of a central
// difference meet. Rounding: results carry relative errors of a few hundred 2^-53 at most (sums of a few hundred
// terms), which the quotient enlarges by 1 / (2h) = 2^16: about 2^-53 * 2^8 * 2^16 = 2^-29 = 2e-9 for results near 1.
// Truncation: h^2 / 6 * f''' = 1e-11 f'''. A tolerance of 1e-6 of the operand's largest derivative leaves room for
// f''' = 1e4 and for derivatives a hundred times smaller than the results; a wrong rule is off by a share of the
// derivative itself.
constexpr double kStep = 0x1.0p-17;
constexpr double kTolerance = 1e-6;
// Of a smooth function the one-sided differences disagree by h * f'', 1e-5 f''; at a kink by the jump of the
// derivative.
constexpr double kKink = 1e-2;
// Enough to meet borders, corners and the middle of a tensor; the differences of a large one would take minutes.
constexpr std::int64_t kMostElements = 40;

/// Floating operands that ops declare to be without a gradient.
bool is_differentiable(const OpDef& op, const OperandDef& operand) {
  static const std::multimap<std::string, std::string> kConstant{{"cross_entropy", "class_weights"},
                                                                 {"cross_entropy_of_probabilities", "class_weights"},
                                                                 {"mean_loss", "count"},
                                                                 {"mean_loss", "normalizer"}};
  const auto [first, last] = kConstant.equal_range(op.name);
  return operand.kind != OperandDef::Kind::state &&
         std::none_of(first, last, [&](const auto& row) { return row.second == operand.name; });
}

double dot(const HostTensor& a, const HostTensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.type.shape.elements(); ++i) sum += a.as<double>()[i] * b.as<double>()[i];
  return sum;
}

/// loss = <y, weights>: an op of the test's own, whose gradient is weights * grad_loss.
OpDef functional() {
  const auto run = [](const ReferenceArgs& args) {
    const double* y = args.operands[0].as<double>();
    const double* weights = args.operands[1].as<double>();
    double sum = 0;
    for (std::int64_t i = 0; i < args.operands[0].elements(); ++i) sum += y[i] * weights[i];
    *args.results[0].as<double>() = sum;
  };
  return OpBuilder<NoAttrs>("test_functional", "A weighted sum of all elements.")
      .input("y")
      .input("weights")
      .output("loss")
      .infer([](const InferContext& c) {
        return std::vector<TensorType>{{c.operand(0).dtype, Shape{}, {}}};
      })
      .gradient([](GradientContext& g) {
        g.set(0, g.emit(ops::scale(), "grad", ScaleAttrs{}, {g.operand(1), g.grad(0)}));
      })
      .reference(run, run)
      .build();
}

class GradientCheck {
 public:
  GradientCheck(const OpDef& op, const OpCase& one)
      : op_(op), case_(one), key_(random_key(random_key(1, op.name), one.name)) {
    Rewriter rewriter(graph_, diagnostics_);
    std::vector<ValueId> operands;
    for (std::size_t i = 0; i < one.operands.size(); ++i) operands.push_back(add_operand(rewriter, i));
    const NodeId node = rewriter.add({"node", &op, one.attrs, std::move(operands), Phase::forward, {}, nullptr});
    diagnostics_.throw_if_errors();
    result_ = graph_.node(node).results.at(0);
    weights_ = random_tensor(graph_.value(result_).type, random_key(key_, "weights"), {0.5, 1.5});
    // Signs that change from one element to the next, so that an error cannot hide in a sum.
    for (std::int64_t i = 1; i < weights_.type.shape.elements(); i += 2) weights_.as<double>()[i] *= -1;
  }

  GradientReport run() {
    const auto gradients = analytic();
    const HostTensor base = forward();
    for (const std::string& operand : trainable_) {
      const auto found = gradients.find("grad." + operand);
      if (found == gradients.end()) {
        report_.mismatches.push_back(operand + " has no gradient");
        continue;
      }
      compare(operand, found->second, base);
    }
    return std::move(report_);
  }

 private:
  ValueId add_operand(Rewriter& rewriter, std::size_t i) {
    if (i < case_.absent.size() && case_.absent[i]) return {};
    const OperandDef& def = op_.operands[std::min(i, op_.operands.size() - 1)];
    TensorType type = case_.operands[i];
    if (type.dtype == DType::f32) type.dtype = DType::f64;
    const std::string name = def.name + (def.variadic ? std::to_string(i) : "");
    bound_.emplace(name, random_tensor(type, random_key(key_, i), {case_.low, case_.high, case_.classes}));
    if (def.kind == OperandDef::Kind::state) return rewriter.add_state(name, type, {});
    if (!is_floating(type.dtype) || !is_differentiable(op_, def)) return rewriter.add_input(name, type);
    trainable_.push_back(name);
    return rewriter.add_parameter(name, type, {}, true);
  }

  HostTensor forward() const { return interpret(graph_, bound_).at("node"); }

  std::map<std::string, HostTensor> analytic() {
    Graph graph = graph_;
    Rewriter rewriter(graph, diagnostics_);
    const OpTable table = OpTable().with(functional());
    const ValueId weights = rewriter.add_input("weights of the loss", weights_.type);
    rewriter.add_value(
        {"loss", table.find("test_functional"), NoAttrs{}, {result_, weights}, Phase::forward, {}, nullptr});
    PassContext context;
    context.mode = Mode::train;
    context.ops = &table;
    differentiate(rewriter, context);
    diagnostics_.throw_if_errors();
    verify(graph, "differentiate");
    auto bound = bound_;
    bound.emplace("weights of the loss", weights_);
    return interpret(graph, bound);
  }

  /// The elements that are compared: all of a small tensor, else the ends and a random choice.
  std::vector<std::int64_t> chosen(std::int64_t elements) const {
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < std::min(elements, kMostElements); ++i) {
      const auto draw = random_below(random_key(key_, "elements"), static_cast<std::uint64_t>(i),
                                     static_cast<std::uint64_t>(elements));
      out.push_back(elements <= kMostElements ? i : static_cast<std::int64_t>(draw));
    }
    if (elements > kMostElements) out.insert(out.end(), {0, elements - 1});
    return out;
  }

  void compare(const std::string& operand, const HostTensor& gradient, const HostTensor& base) {
    HostTensor& tensor = bound_.at(operand);
    struct Row {
      std::int64_t element;
      double numeric;
    };
    std::vector<Row> rows;
    // A derivative far below the results is lost in their rounding, whatever the operand's other derivatives are.
    double largest = 1e-3;
    for (const std::int64_t e : chosen(tensor.type.shape.elements())) {
      double& x = tensor.as<double>()[e];
      const double before = x;
      x = before + kStep;
      const HostTensor plus = forward();
      x = before - kStep;
      const HostTensor minus = forward();
      x = before;
      const double right = slope(base, plus), left = slope(minus, base);
      const double numeric = (left + right) / 2;
      largest = std::max(largest, std::abs(numeric));
      if (std::abs(right - left) > kKink * std::max(std::abs(right), std::abs(left))) {
        ++report_.kinks;
      } else {
        rows.push_back({e, numeric});
      }
    }
    for (const Row& row : rows) {
      const double analytic = gradient.as<double>()[row.element];
      ++report_.checked;
      if (std::abs(analytic - row.numeric) <= kTolerance * largest) continue;
      report_.mismatches.push_back(operand + " element " + std::to_string(row.element) + ": expected " +
                                   std::to_string(row.numeric) + ", got " + std::to_string(analytic));
    }
  }

  /// (loss of b - loss of a) / h. Elements that do not change cancel exactly, which the difference of two sums would
  /// not.
  double slope(const HostTensor& a, const HostTensor& b) const {
    HostTensor change = b;
    for (std::int64_t i = 0; i < b.type.shape.elements(); ++i) change.as<double>()[i] -= a.as<double>()[i];
    return dot(change, weights_) / kStep;
  }

  const OpDef& op_;
  const OpCase& case_;
  std::uint64_t key_;
  Graph graph_{"gradient_check"};
  Diagnostics diagnostics_;
  ValueId result_;
  HostTensor weights_;
  std::vector<std::string> trainable_;
  std::map<std::string, HostTensor> bound_;
  GradientReport report_;
};

}  // namespace

GradientReport check_gradient(const OpDef& op, const OpCase& one) { return GradientCheck(op, one).run(); }

}  // namespace fcngraph
