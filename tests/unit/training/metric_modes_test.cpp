// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/metrics.h>

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <fcngraph/engine/error.h>
#include <fcngraph/evaluate.h>
#include <fcngraph/image.h>

namespace fcngraph {
namespace {

using Labels = std::vector<std::uint8_t>;

/// Class 1 is never found, class 3 is nowhere.
ConfusionMatrix sample() { return {4, {900, 0, 100, 0, 21840 - 40, 0, 40, 0, 50, 0, 450, 0, 0, 0, 0, 0}}; }

TEST_CASE("every mode has a name, and the name leads back to it") {
  for (const MetricMode mode : kMetricModes) CHECK(metric_mode_from(name_of(mode)) == mode);
  CHECK_FALSE(metric_mode_from("voc").has_value());
}

TEST_CASE("the course's smoothing gives the course's zeros") {
  const Scores scores = sample().scores(MetricMode::course);
  // column/pole of its table: 1e-5 / 21840, and its Dice.
  CHECK(*scores.classes[1].iou == doctest::Approx(4.57875e-10).epsilon(1e-5));
  CHECK(*scores.classes[1].dice == doctest::Approx(9.15751e-10).epsilon(1e-5));
  for (const std::size_t c : {0, 1, 2}) {
    const auto& row = scores.classes[c];
    CHECK(*row.dice == doctest::Approx(2 * *row.iou / (1 + *row.iou)));
  }
}

TEST_CASE("a class that is nowhere counts in the course's mean alone, with 1") {
  const auto iou = [](const Scores& s, std::size_t c) { return *s.classes[c].iou; };
  const Scores course = sample().scores(MetricMode::course);
  CHECK(iou(course, 3) == 1.0);
  CHECK(*course.classes[3].dice == 2.0);
  CHECK(course.left_out.empty());
  CHECK(course.mean_iou == doctest::Approx((iou(course, 0) + iou(course, 1) + iou(course, 2) + 1) / 4));
  for (const MetricMode mode : {MetricMode::fcngraph, MetricMode::keras, MetricMode::caffe}) {
    const Scores scores = sample().scores(mode);
    CHECK(scores.left_out == std::vector<std::int64_t>{3});
    CHECK(scores.mean_iou == doctest::Approx((iou(scores, 0) + 0 + iou(scores, 2)) / 3));
  }
}

TEST_CASE("keras and caffe agree with fcngraph where labels are whole numbers") {
  const Scores own = sample().scores();
  for (const MetricMode mode : {MetricMode::keras, MetricMode::caffe}) {
    const Scores scores = sample().scores(mode);
    CHECK(scores.pixel_accuracy == own.pixel_accuracy);
    CHECK(scores.mean_accuracy == own.mean_accuracy);
    CHECK(scores.mean_iou == own.mean_iou);
    CHECK(scores.fw_iou == own.fw_iou);
  }
}

TEST_CASE("labels between two classes are cut off in Keras's IoU and wrong in its accuracy") {
  ConfusionMatrix all(4), fractional(4);
  const std::vector<float> truth{1.0F, 1.37F, 2.9F, 3.0F, 0.2F, -1.0F};
  add_fractional(all, fractional, truth, Labels{1, 1, 2, 3, 1, 0});
  CHECK(all.at(1, 1) == 2);
  CHECK(all.at(2, 2) == 1);
  CHECK(all.at(0, 1) == 1);
  CHECK(all.scores().pixels == 5);
  CHECK(fractional.scores().pixels == 3);
  CHECK(all.scores(MetricMode::keras, &fractional).pixel_accuracy == doctest::Approx(2.0 / 5));
  CHECK(all.scores(MetricMode::fcngraph, &fractional).pixel_accuracy == doctest::Approx(4.0 / 5));
  CHECK(all.scores(MetricMode::keras, &fractional).mean_iou == all.scores().mean_iou);
  CHECK(all.without(fractional).scores().pixels == 2);
  CHECK_THROWS_AS(add_fractional(all, fractional, std::vector<float>{4.0F}, Labels{0}), GraphError);
  CHECK_THROWS_AS(fractional.without(all), GraphError);
}

TEST_CASE("a report comes back from its JSON, scores made anew") {
  EvalReport report;
  report.split = "val";
  report.metrics = MetricMode::course;
  report.classes = {"a", "b", "c", "d"};
  report.heads.push_back({"h", 0.5, sample(), sample().scores(MetricMode::course), {}});
  report.heads.push_back({"i", 0.25, sample(), sample().scores(MetricMode::course), ConfusionMatrix(4)});
  CHECK(to_json(eval_report_from_json(to_json(report))) == to_json(report));
  CHECK_THROWS_AS(eval_report_from_json("{"), GraphError);
  CHECK_THROWS_AS(eval_report_from_json("{\"heads\": {}}"), GraphError);
}

}  // namespace
}  // namespace fcngraph
