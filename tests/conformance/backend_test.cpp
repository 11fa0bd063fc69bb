// SPDX-License-Identifier: Apache-2.0
// Every op of the library, on every backend, against the op's own loop in f64.
#include <doctest/doctest.h>

#include <set>

#include "backends_under_test.h"
#include "step_runner.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

/// Calls f(op, case, problem, its results in f64) for every case of every op.
template <class F>
void for_each_problem(F f) {
  for (const OpDef* op : builtin_ops()) {
    if (!op->cases) continue;
    for (const OpCase& one : op->cases()) {
      CAPTURE(op->name);
      CAPTURE(one.name);
      const Problem problem = make_problem(*op, one, 7);
      f(*op, one, problem, run_reference(in_double(problem)));
    }
  }
}

void check_results(const OpDef& op, const Outcome& outcome, const std::vector<HostTensor>& want) {
  CAPTURE(outcome.answer.kernel);
  for (std::size_t r = 0; r < outcome.results.size(); ++r) {
    CAPTURE(r);
    CHECK(worst_error(outcome.results[r], want[r]) <= tolerance_of(op.name).relative);
  }
}

/// max_pool2d's indices are the backend's own: its chain with its gradient is tested apart.
Problem readable(Problem problem) {
  if (problem.op->name == "max_pool2d") problem.wanted = 1;
  return problem;
}

TEST_CASE("every op agrees with its loop on every backend") {
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    std::set<std::string> refusals;
    for_each_problem(
        [&](const OpDef& op, const OpCase& one, const Problem& problem, const std::vector<HostTensor>& want) {
          std::vector<HostTensor> alone;
          for (const int threads : {1, 2}) {
            CAPTURE(threads);
            const Outcome outcome = run_on(*backend, readable(problem), {.threads = threads, .offered_tag = {}});
            if (!outcome.answer.supported) {
              CHECK_FALSE(outcome.answer.reason.empty());
              refusals.insert(op.name + " (" + one.name + "): " + outcome.answer.reason);
              continue;
            }
            CHECK_FALSE(outcome.answer.kernel.empty());
            check_results(op, outcome, want);
            // Kernels of our own give the same bits for any number of threads.
            const bool ours = !outcome.answer.kernel.starts_with("onednn:");
            for (std::size_t r = 0; ours && r < alone.size(); ++r) CHECK(outcome.results[r].data == alone[r].data);
            alone = outcome.results;
          }
        });
    for (const std::string& refusal : refusals) MESSAGE(backend->name() << " refuses " << refusal);
    // Whatever a model may contain must run on every backend of ours.
    CHECK(refusals.empty());
  }
}

TEST_CASE("every op agrees with its loop in the layouts that convolutions leave") {
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    if (!has_layouts(*backend)) continue;
    for (const std::string tag : {"acdb", "aBcd8b", "aBcd16b"}) {
      CAPTURE(tag);
      if (!knows_layout(*backend, tag)) continue;
      int kept = 0;
      for_each_problem(
          [&](const OpDef& op, const OpCase&, const Problem& problem, const std::vector<HostTensor>& want) {
            const Outcome outcome = run_on(*backend, readable(problem), {.threads = 2, .offered_tag = tag});
            check_results(op, outcome, want);
            kept += !outcome.answer.results.empty() && outcome.answer.results[0].tag == tag ? 1 : 0;
          });
      // Elementwise ops, batch norm, pooling and dropout keep what they are given.
      CHECK(kept > 40);
    }
  }
}

TEST_CASE("ops that may write over their operand do") {
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    for_each_problem([&](const OpDef& op, const OpCase&, const Problem& problem, const std::vector<HostTensor>& want) {
      if (!op.in_place) return;
      check_results(op, run_on(*backend, readable(problem), {.threads = 2, .offered_tag = {}, .in_place = true}), want);
    });
  }
}

TEST_CASE("an op that no backend knows runs by its own loop") {
  struct SquareAttrs {
    static constexpr auto fields() { return std::tuple{}; }
  };
  const auto run = []<class T>(const ReferenceArgs& args, T) {
    for (std::int64_t i = 0; i < args.operands[0].elements(); ++i)
      args.results[0].as<T>()[i] = args.operands[0].as<T>()[i] * args.operands[0].as<T>()[i];
  };
  const OpDef square =
      OpBuilder<SquareAttrs>("square", "x * x")
          .input("x")
          .output("y")
          .infer([](const InferContext& c) {
            return std::vector{TensorType{c.operand(0).dtype, c.operand(0).shape, {}}};
          })
          .reference([run](const ReferenceArgs& a) { run(a, 0.0f); }, [run](const ReferenceArgs& a) { run(a, 0.0); })
          .build();
  const OpCase one{
      .name = "rank4", .attrs = SquareAttrs{}, .operands = {{DType::f32, {2, 17, 3, 3}, {}}}, .absent = {}};
  const Problem problem = make_problem(square, one, 3);
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    const Outcome outcome = run_on(*backend, problem, {});
    if (backend->name() == "cudnn") {
      // A host's loop cannot read a device's memory.
      CHECK(outcome.answer.reason == "it has no kernel for op 'square'");
      continue;
    }
    REQUIRE(outcome.answer.supported);
    CHECK_FALSE(outcome.answer.reason.empty());
    CHECK(worst_error(outcome.results[0], run_reference(in_double(problem))[0]) <= kRounding);
  }
}

TEST_CASE("nothing is done with no numbers, or with more memory than there is") {
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() != "onednn") continue;
    const Attrs attrs = NoAttrs{};
    const TensorType empty{DType::f32, {0, 3, 4, 4}, {}};
    const OpDef* relu = OpTable().find("relu");
    const StepView view{"r", relu, &attrs, {&empty}, {&empty}, nullptr};
    const Capability answer = backend->capability(view, {});
    CHECK_FALSE(answer.supported);
    CHECK(answer.reason == "operand 0 is empty: f32[0, 3, 4, 4]");
    CHECK_THROWS_AS(backend->open({})->allocate(std::size_t{1} << 60), BackendError);
  }
}

}  // namespace
}  // namespace fcngraph::testing
