// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/compare.h>

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include <fcngraph/evaluate.h>
#include "temporary_folder.h"
#include "training/run_settings.h"

namespace fcngraph {
namespace {

/// A run's folder with one head's validation.
struct Run {
  MetricMode metrics = MetricMode::fcngraph;
  std::vector<std::string> classes;
  std::vector<std::int64_t> counts;
  std::vector<std::int64_t> fractional = {};
  std::string graph = "fcngraph = 1\n";
  std::string head = "h";

  void write(const TemporaryFolder& folder, const std::string& name) const {
    EvalReport report;
    report.metrics = metrics;
    report.classes = classes;
    const auto n = static_cast<std::int64_t>(classes.size());
    HeadReport of{head, 1.0, ConfusionMatrix(n, counts), {}, {}};
    if (!fractional.empty()) of.fractional = ConfusionMatrix(n, fractional);
    of.scores = of.confusion.scores(metrics);
    report.heads.push_back(std::move(of));
    folder.put(name + "/manifest.json", "{}");
    folder.put(name + "/graph.toml", graph);
    folder.put(name + "/scores/best.json", to_json(report));
  }
};

HeadComparison compare(const Run& a, const Run& b) {
  const TemporaryFolder folder;
  a.write(folder, "a");
  b.write(folder, "b");
  const auto all = compare_runs(folder / "a", folder / "b");
  REQUIRE(all.heads.size() == 1);
  // Whatever the causes are, they are all of the difference.
  double sum_a = 0, sum_b = 0;
  for (const auto& term : all.heads[0].terms) {
    sum_a += term.a;
    sum_b += term.b;
  }
  CHECK(sum_a == doctest::Approx(all.heads[0].a));
  CHECK(sum_b == doctest::Approx(all.heads[0].b));
  return all.heads[0];
}

const IouTerm& term(const HeadComparison& head, const std::string& cause) {
  for (const auto& t : head.terms) {
    if (t.cause == cause) return t;
  }
  FAIL("there is no term '" << cause << "'");
  return head.terms.front();
}

const std::vector<std::string> kTwo{"pet", "background"};

TEST_CASE("what a run compared with itself differs in is nothing") {
  const Run run{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}};
  const auto head = compare(run, run);
  CHECK(head.terms.size() == 1);
  CHECK(term(head, "predictions").difference() == 0);
  CHECK(head.a == head.b);
}

TEST_CASE("a padding class that is easily found raises the mean by its term") {
  const Run padded{MetricMode::keras, {"pad", "pet", "background"}, {100, 0, 0, 0, 8, 2, 0, 1, 9}};
  const Run plain{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}};
  const auto head = compare(padded, plain);
  CHECK(term(head, "padding class 'pad'").difference() == doctest::Approx(head.a - head.b));
  CHECK(term(head, "padding class 'pad'").a > 0);
  CHECK(term(head, "predictions").difference() == doctest::Approx(0.0));
  CHECK(head.classes.size() == 2);
}

TEST_CASE("a border that one run scores and the other ignores is a term of its own") {
  const Run with{MetricMode::fcngraph, {"pet", "background", "border"}, {8, 2, 0, 1, 9, 0, 3, 4, 1}};
  const Run without{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}};
  const auto head = compare(with, without);
  CHECK(term(head, "border 'border'").a < 0);
  CHECK(term(head, "border 'border'").difference() == doctest::Approx(head.a - head.b));
  CHECK(head.pixels_a == head.pixels_b);
}

TEST_CASE("absent classes: the course counts them with 1, and a mean leaves out what the other run has") {
  const std::vector<std::string> classes{"pet", "background", "bird"};
  const Run absent{MetricMode::course, classes, {8, 2, 0, 1, 9, 0, 0, 0, 0}};
  const Run plain{MetricMode::fcngraph, classes, {8, 2, 0, 1, 9, 0, 0, 0, 0}};
  auto head = compare(absent, plain);
  CHECK(term(head, "absent classes").difference() == doctest::Approx(head.a - head.b).epsilon(1e-4));
  CHECK(std::abs(term(head, "smoothing").difference()) < 1e-5);
  const Run there{MetricMode::fcngraph, classes, {8, 2, 0, 1, 9, 0, 5, 5, 1}};
  head = compare(there, plain);
  CHECK(term(head, "absent classes").a < 0);
  CHECK_FALSE(head.classes[2].b.has_value());
}

TEST_CASE("labels that interpolation left between two classes are a term of their own") {
  const Run masks{MetricMode::keras, kTwo, {8, 4, 5, 9}, {0, 2, 4, 0}};
  const Run plain{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}};
  const auto head = compare(masks, plain);
  CHECK(term(head, "fractional labels").difference() == doctest::Approx(head.a - head.b));
}

TEST_CASE("heads of other names are compared as they come last; runs without a common class are not") {
  Run a{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}}, b = a;
  b.head = "g";
  const auto head = compare(a, b);
  CHECK(head.head_a == "h");
  CHECK(head.head_b == "g");
  b.classes = {"road", "sky"};
  const TemporaryFolder folder;
  a.write(folder, "a");
  b.write(folder, "b");
  CHECK_THROWS_AS(compare_runs(folder / "a", folder / "b"), GraphError);
  CHECK_THROWS_AS(compare_runs(folder / "a", folder / "absent"), IoError);
  folder.put("b/scores/best.json", "{");
  CHECK_THROWS_AS(compare_runs(folder / "a", folder / "b"), IoError);
}

TEST_CASE("settings are compared key by key, tables of arrays by name") {
  const std::string a =
      "fcngraph = 1\n\n[[head]]\nname = \"x\"\nfrom = \"p5\"\n\n[train]\nepochs = 2\nloss = { kind = \"ce\", w = [1, "
      "2] }\n";
  const std::string b =
      "fcngraph = 1\n\n[[head]]\nfrom = \"p4\"\nname = \"x\"\n\n[train]\nepochs = 2\nloss = { kind = \"ce\", w = [1, "
      "3] }\nbatch = 4\n";
  const auto settings = training::differing_settings(a, b);
  REQUIRE(settings.size() == 3);
  CHECK(settings[0].key == "head.x.from");
  CHECK(settings[1].key == "train.batch");
  CHECK(settings[1].a.empty());
  CHECK(settings[2].key == "train.loss.w");
  CHECK(settings[2].b == "[1, 3]");
}

TEST_CASE("the comparison as JSON has the promised keys") {
  const TemporaryFolder folder;
  const Run run{MetricMode::fcngraph, kTwo, {8, 2, 1, 9}};
  run.write(folder, "a");
  run.write(folder, "b");
  const auto json = nlohmann::json::parse(to_json(compare_runs(folder / "a", folder / "b")));
  CHECK(json["a"]["scores"] == "best");
  for (const char* key : {"a", "b", "mean_iou_a", "mean_iou_b", "pixels_a", "pixels_b", "terms", "classes"})
    CHECK(json["heads"][0].contains(key));
  CHECK(json["settings"].empty());
}

}  // namespace
}  // namespace fcngraph
