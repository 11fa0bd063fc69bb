// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/passes.h>

#include "load_graph.h"
#include "null_backend.h"

namespace fcngraph {
namespace {

/// image -> a, b (the same), c = a + b; an unused node.
Graph small_graph() {
  Graph graph("g");
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  const ValueId image = rewriter.add_input("image", {DType::f32, {2}, {}});
  const ValueId a = rewriter.add_value({"a", &ops::relu(), NoAttrs{}, {image}});
  const ValueId b = rewriter.add_value({"b", &ops::relu(), NoAttrs{}, {image}});
  rewriter.add_value({"unused", &ops::relu(), NoAttrs{}, {a}});
  rewriter.set_output("c", rewriter.add_value({"c", &ops::add(), NoAttrs{}, {a, b}}));
  return graph;
}

struct Run {
  testing::NullBackend backend;
  OpTable ops;
  CompilerOptions options;
  std::vector<std::string> passes;  ///< "name", with a + where it changed the graph
  Run() {
    options.context.backend = &backend;
    options.context.ops = &ops;
    options.pipeline.observer = [this](const PassReport& report, const Graph&) {
      passes.push_back(std::string(report.pass) + (report.changed ? "+" : ""));
    };
  }
  bool saw(const std::string& pass) const { return std::find(passes.begin(), passes.end(), pass) != passes.end(); }
};

void run_one(const Pass& pass, bool check_honesty) {
  Graph graph = small_graph();
  PipelineOptions options;
  options.check_honesty = check_honesty;
  PassPipeline({pass}).run(graph, {}, options);
}

TEST_CASE("a pass that lies about having changed something is found, whichever way it lies") {
  const Pass silent{"silent", [](Rewriter& rewriter, const PassContext&) {
                      rewriter.add_scalar("extra", 1.0);
                      return false;
                    }};
  const Pass boastful{"boastful", [](Rewriter&, const PassContext&) { return true; }};
  // Changes something and takes it back: the graph is what it was.
  const Pass restless{"restless", [](Rewriter& rewriter, const PassContext&) {
                        const NodeId a = rewriter.graph().find_node("a");
                        rewriter.set_phase(a, Phase::setup);
                        rewriter.set_phase(a, Phase::forward);
                        return rewriter.changed();
                      }};
  const Pass honest{"honest", [](Rewriter& rewriter, const PassContext&) {
                      rewriter.add_scalar("extra", 1.0);
                      return true;
                    }};
  CHECK_THROWS_WITH_AS(run_one(silent, true), doctest::Contains("changed the graph and did not say so"), InternalError);
  CHECK_THROWS_AS(run_one(silent, false), InternalError);
  CHECK_THROWS_WITH_AS(run_one(boastful, true), doctest::Contains("says that it changed the graph, but did not"),
                       InternalError);
  CHECK_THROWS_AS(run_one(restless, true), InternalError);
  CHECK_NOTHROW(run_one(honest, true));
}

TEST_CASE("every pass is honest on every mode of the tiny twins") {
  for (const std::string file : {"tiny/fcn32s.toml", "tiny/fcn8s.toml", "examples/unet.toml"}) {
    const auto spec = test::load_spec(file);
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      CAPTURE(file);
      Run run;
      run.options.context.mode = mode;
      run.options.context.optimizer = dsl::optimizer_options(spec.train);
      run.options.pipeline.check_honesty = true;
      CHECK_NOTHROW((void)compile(test::build(spec, {.mode = mode, .batch = 2, .classes = 4}), run.options));
    }
  }
}

TEST_CASE("a pipeline stops after a pass, or before the first") {
  Run run;
  run.options.pipeline.stop_after = "merge_duplicates";
  Graph graph = small_graph();
  lower(graph, run.options);
  CHECK(run.passes ==
        std::vector<std::string>{"input", "infer_shapes", "align_crops", "drop_identities", "merge_duplicates+"});
  CHECK(graph.order().size() == 3);
  CHECK_THROWS_WITH_AS((void)compile(small_graph(), run.options), doctest::Contains("a plan needs every pass"),
                       GraphError);

  Run nothing;
  nothing.options.pipeline.stop_after = "input";
  Graph untouched = small_graph();
  lower(untouched, nothing.options);
  CHECK(nothing.passes == std::vector<std::string>{"input"});
  CHECK(untouched.order().size() == 4);
}

TEST_CASE("passes that a plan can do without are left out, the others are refused with the reason") {
  Run run;
  run.options.pipeline.disabled = {"merge_duplicates", "differentiate"};  // the second is not in this pipeline anyway
  const Plan plan = compile(small_graph(), run.options);
  CHECK(plan.steps.size() == 3);
  CHECK_FALSE(run.saw("merge_duplicates+"));
  for (const Pass& pass : builtin_passes()) {
    Run refused;
    refused.options.context.mode = Mode::train;
    refused.options.pipeline.disabled = {std::string(pass.name)};
    if (pass.needed.empty()) continue;
    CHECK_THROWS_WITH_AS((void)compile(small_graph(), refused.options),
                         doctest::Contains(std::string(pass.needed).c_str()), GraphError);
  }
  Run unknown;
  unknown.options.pipeline.disabled = {"merge_duplicate"};
  CHECK_THROWS_WITH_AS((void)compile(small_graph(), unknown.options),
                       doctest::Contains("did you mean 'merge_duplicates'?"), GraphError);
  unknown.options.pipeline = {};
  unknown.options.pipeline.stop_after = "differentiate";
  CHECK_THROWS_WITH_AS((void)compile(small_graph(), unknown.options), doctest::Contains("needs every pass"),
                       GraphError);
  Graph graph = small_graph();
  CHECK_THROWS_WITH_AS(lower(graph, unknown.options), doctest::Contains("is not part of this pipeline"), GraphError);
}

TEST_CASE("a limit bisects: each step lets one more optional pass change the graph, and plans stay whole") {
  int changed_before = -1;
  for (int limit = 0; limit < 3; ++limit) {
    Run run;
    run.options.pipeline.limit = limit;
    const Plan plan = compile(small_graph(), run.options);
    CHECK(plan.steps.size() == std::vector<std::size_t>{4, 3, 2}[static_cast<std::size_t>(limit)]);
    const int changed = (run.saw("merge_duplicates+") ? 1 : 0) + (run.saw("eliminate_dead+") ? 1 : 0);
    CHECK(changed == changed_before + 1);
    changed_before = changed;
    CHECK(run.saw("choose_kernels+"));
  }
}

}  // namespace
}  // namespace fcngraph
