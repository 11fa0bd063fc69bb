// SPDX-License-Identifier: Apache-2.0
// Regions against their bodies: the loss of a head on its upsampled scores, in every form that fuse_regions makes of it.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include <fcngraph/engine/ops/argmax.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/region.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/ops/weighted_sum.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/random.h>

#include "backends_under_test.h"
#include "step_runner.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

struct Case {
  const char* name;
  Shape score;
  Extent2 factor;
  Pads crop;
  Interpolation kind = Interpolation::bilinear;
  bool weighted = false;
  std::int64_t ignore = 255;
  std::uint64_t labels = 4;  ///< are drawn from [0, labels)
  bool normalized = false;
  double spread = 3;  ///< of the scores
};

const Case kCases[] = {
    {"by_eight", {2, 4, 5, 4}, {8, 8}, {}},
    {"by_two", {3, 4, 9, 13}, {2, 2}, {}},
    {"by_32", {1, 4, 3, 4}, {32, 32}, {}},
    {"by_one", {1, 3, 5, 6}, {1, 1}, {}},
    {"odd_factors", {2, 3, 6, 5}, {3, 5}, {}},
    {"cropped", {2, 4, 5, 4}, {8, 8}, {0, 0, 5, 3}},
    {"cropped_on_all_sides", {1, 4, 6, 7}, {5, 3}, {7, 4, 12, 2}},
    {"nearest", {2, 4, 6, 5}, {4, 4}, {}, Interpolation::nearest},
    {"nearest_cropped", {2, 3, 6, 5}, {3, 2}, {4, 1, 5, 3}, Interpolation::nearest},
    {"weighted", {2, 4, 5, 4}, {8, 8}, {0, 0, 1, 1}, Interpolation::bilinear, true, 2},
    {"labels_out_of_range", {2, 4, 5, 4}, {4, 4}, {}, Interpolation::bilinear, true, 255, 9},
    {"nothing_counts", {2, 4, 5, 4}, {4, 4}, {}, Interpolation::bilinear, false, 0, 1},
    {"normalized", {2, 4, 5, 4}, {4, 4}, {}, Interpolation::bilinear, false, 3, 4, true},
    {"one_class", {1, 1, 4, 4}, {4, 4}, {}, Interpolation::bilinear, false, 255, 1},
    {"most_classes", {1, 255, 3, 4}, {4, 4}, {}, Interpolation::bilinear, true, 255, 255},
    {"wide", {1, 2, 3, 160}, {8, 8}, {0, 0, 3, 7}, Interpolation::bilinear, false, 255, 2},
    {"one_pixel", {3, 4, 1, 1}, {8, 8}, {2, 1, 1, 2}},
    {"saturated", {2, 4, 5, 4}, {8, 8}, {}, Interpolation::bilinear, false, 255, 4, false, 300},
};

/// A graph with one head on the parameter "score", after fuse_regions for that backend.
struct Head {
  Graph graph{"head"};
  NodeId region;

  Head(const Backend& backend, const Case& one, bool training, bool touched = false) {
    Diagnostics diagnostics;
    Rewriter r(graph, diagnostics);
    const auto scalar = TensorType{DType::f32, Shape{}, {}};
    const ValueId score = r.add_parameter("score", {DType::f32, one.score, {}}, {}, true);
    ValueId logits = r.add_value({"up", &ops::upsample(), UpsampleAttrs{one.factor, one.kind}, {score}});
    if (one.crop != Pads{}) logits = r.add_value({"head", &ops::crop(), CropAttrs{one.crop}, {logits}});
    const Shape s = graph.value(logits).type.shape;
    const ValueId labels = r.add_input("labels", {DType::u8, {s[0], s[2], s[3]}, {}});
    const ValueId weights = one.weighted ? r.add_input("weights", {DType::f32, Shape{s[1]}, {}}) : ValueId{};
    const ValueId normalizer = one.normalized ? r.add_input("normalizer", scalar) : ValueId{};
    const ValueId sum =
        r.add_value({"head.loss_sum", &ops::cross_entropy(), CrossEntropyAttrs{one.ignore}, {logits, labels, weights}});
    const ValueId count = graph.node(graph.value(sum).producer).results[1];
    const ValueId loss = r.add_value({"head.loss", &ops::mean_loss(), NoAttrs{}, {sum, count, normalizer}});
    r.set_output("loss_sum", sum);
    r.set_output("count", count);
    r.set_output("labels", r.add_value({"head.labels", &ops::argmax(), NoAttrs{}, {logits}}));
    r.set_output("loss", r.add_value({"loss", &ops::weighted_sum(), WeightedSumAttrs{{0.5}}, {loss}}));
    if (touched) r.set_output("touched", r.add_value({"touched", &ops::relu(), NoAttrs{}, {logits}}));
    const OpTable table;
    PassContext context;
    context.ops = &table;
    context.backend = &backend;
    if (training) REQUIRE(differentiate(r, context));
    diagnostics.throw_if_errors();
    REQUIRE(fuse_regions(r, context) == !touched);
    verify(graph, "fuse_regions");
    for (const NodeId id : graph.order()) {
      if (graph.node(id).op == &ops::region()) region = id;
    }
  }

  Problem problem(const Case& one) const {
    const Node& node = graph.node(region);
    Problem out{&ops::region(), NoAttrs{}, {}, {}, {}};
    out.body = node.body.get();
    for (const ValueId id : node.operands) {
      HostTensor tensor = HostTensor::zeros(graph.value(id).type);
      const std::uint64_t key = random_key(random_key(5, one.name), graph.value(id).name);
      for (std::int64_t i = 0; i < tensor.type.shape.elements(); ++i) {
        const auto counter = static_cast<std::uint64_t>(i);
        const double value = random_uniform(key, counter);
        if (tensor.type.dtype == DType::u8)
          tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(random_below(key, counter, one.labels));
        else
          tensor.as<float>()[i] =
              static_cast<float>(tensor.type.shape.rank() == 4 ? one.spread * (2 * value - 1) : 0.5 + value);
      }
      out.operands.push_back(std::move(tensor));
      out.present.push_back(true);
    }
    for (const ValueId id : node.results) out.results.push_back(graph.value(id).type);
    return out;
  }
};

void check_on(const Backend& backend, const Problem& problem, const std::vector<HostTensor>& want) {
  std::vector<HostTensor> alone;
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    const Outcome outcome = run_on(backend, problem, {.threads = threads, .offered_tag = {}});
    REQUIRE_MESSAGE(outcome.answer.supported, outcome.answer.reason);
    REQUIRE(outcome.results.size() == want.size());
    for (std::size_t r = 0; r < want.size(); ++r) {
      CAPTURE(problem.body->outputs()[r].first);
      CHECK(worst_error(outcome.results[r], want[r]) <= tolerance_of("region").relative);
      if (!alone.empty()) CHECK(outcome.results[r].data == alone[r].data);
    }
    alone = outcome.results;
  }
}

TEST_CASE("a fused loss means its body, with its gradient and without") {
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    for (const Case& one : kCases) {
      CAPTURE(one.name);
      for (const bool training : {true, false}) {
        CAPTURE(training);
        const Head head(*backend, one, training);
        const Problem problem = head.problem(one);
        CHECK(problem.results.size() == (training ? 5 : 4));
        check_on(*backend, problem, run_reference(problem));
      }
    }
  }
}

TEST_CASE("pixels that do not count stay out of a fused loss even where the scores are not finite") {
  const Case one{"ignored_nan", {1, 2, 2, 2}, {2, 2}, {}, Interpolation::nearest, false, 1, 2};
  for (const Backend* backend : backends_under_test()) {
    const Head head(*backend, one, true);
    Problem problem = head.problem(one);
    problem.operands[0].as<float>()[3] = std::numeric_limits<float>::quiet_NaN();
    std::uint8_t* labels = problem.operands[1].as<std::uint8_t>();
    std::fill_n(labels, 16, std::uint8_t{0});
    for (const int pixel : {10, 11, 14, 15}) labels[pixel] = 1;
    check_on(*backend, problem, run_reference(problem));
  }
}

TEST_CASE("logits that somebody else needs are kept") {
  for (const Backend* backend : backends_under_test()) {
    CHECK_FALSE(Head(*backend, kCases[0], true, true).region.valid());
    CHECK_FALSE(Head(*backend, kCases[5], false, true).region.valid());
  }
}

TEST_CASE("another body is refused in words") {
  Graph body("body");
  Diagnostics diagnostics;
  Rewriter r(body, diagnostics);
  const TensorType type{DType::f32, {1, 2, 3, 3}, {}};
  r.set_output("y", r.add_value({"act", &ops::relu(), NoAttrs{}, {r.add_input("x", type)}}));
  const Attrs attrs = NoAttrs{};
  const StepView view{"r", &ops::region(), &attrs, {&type}, {&type}, &body};
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() != "onednn") continue;
    const Capability answer = backend->capability(view, {});
    CHECK_FALSE(answer.supported);
    CHECK(answer.reason == "node 'act' ('relu') is not part of a loss on upsampled scores");
  }
}

}  // namespace
}  // namespace fcngraph::testing
