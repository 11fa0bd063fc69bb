// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include <fcngraph/engine/passes.h>

namespace fcngraph::test {

/// A backend that says what a test tells it to and runs nothing.
class TalkingBackend final : public Backend {
 public:
  using Answer = std::function<Capability(const StepView&)>;
  explicit TalkingBackend(Answer answer) : answer_(std::move(answer)) {}
  std::string_view name() const override { return "talking"; }
  Probe probe() const override { return {true, "it only talks"}; }
  Capability capability(const StepView& step, const KernelPolicy&) const override { return answer_(step); }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { throw BackendError("talking", "it only talks"); }

  static Capability yes(std::vector<Layout> operands = {}, std::vector<Layout> results = {}) {
    Capability answer;
    answer.supported = true;
    answer.kernel = "words";
    answer.operands = std::move(operands);
    answer.results = std::move(results);
    return answer;
  }

 private:
  Answer answer_;
};

/// A graph under construction and what its passes report.
struct PassFixture {
  Graph graph{"g"};
  Diagnostics diagnostics;
  Rewriter rewriter{graph, diagnostics};
  OpTable ops;
  PassContext context;

  ValueId image(const std::string& name, Shape shape) {
    return rewriter.add_input(name, {DType::f32, std::move(shape), {}});
  }
  ValueId add(const std::string& name, const std::string& op, AttrMap attrs, std::vector<ValueId> operands) {
    const OpDef* def = ops.find(op);
    REQUIRE(def != nullptr);
    return rewriter.add_value({.name = name,
                               .op = def,
                               .attrs = def->schema.make(attrs, {}, {}, name, diagnostics),
                               .operands = std::move(operands)});
  }
  /// A convolution, or a transposed one, without bias.
  ValueId conv(const std::string& name, ValueId x, AttrMap attrs, const std::string& op = "conv2d") {
    const auto kernel = attrs.count("kernel") > 0 ? std::get<std::int64_t>(attrs.at("kernel")) : 1;
    const std::int64_t filters = std::get<std::int64_t>(attrs.emplace("filters", std::int64_t{1}).first->second);
    const ValueId weight = rewriter.add_parameter(
        name + ".weight", {DType::f32, {filters, graph.value(x).type.shape[1], kernel, kernel}, {}}, {}, false);
    return add(name, op, std::move(attrs), {x, weight});
  }
  const Node& node(const std::string& name) const {
    REQUIRE_MESSAGE(graph.find_node(name).valid(), "no node " << name);
    return graph.node(graph.find_node(name));
  }
  const Value& value(const std::string& name) const {
    REQUIRE_MESSAGE(graph.find_value(name).valid(), "no value " << name);
    return graph.value(graph.find_value(name));
  }

  /// Runs a pass, which must say whether it changed the graph and leave it whole.
  bool run(bool (*pass)(Rewriter&, const PassContext&)) {
    context.ops = &ops;
    Rewriter own(graph, diagnostics);
    const bool changed = pass(own, context);
    if (diagnostics.has_errors()) return changed;
    CHECK(changed == own.changed());
    verify(graph, "the pass");
    return changed;
  }
};

}  // namespace fcngraph::test
