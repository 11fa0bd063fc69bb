// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/metrics.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/image.h>

#include <cstdint>
#include <vector>

namespace fcngraph {
namespace {

using Labels = std::vector<std::uint8_t>;

TEST_CASE("scores of a matrix worked out by hand") {
  // Truth 0: 4 pixels, 3 found, 1 taken for class 1. Truth 1: 2 pixels, both found.
  ConfusionMatrix matrix(2);
  matrix.add(Labels{0, 0, 0, 0, 1, 1}, Labels{0, 0, 0, 1, 1, 1});
  const auto scores = matrix.scores();
  CHECK(matrix.at(0, 1) == 1);
  CHECK(matrix.at(1, 0) == 0);
  CHECK(scores.pixels == 6);
  CHECK(scores.pixel_accuracy == doctest::Approx(5.0 / 6));
  CHECK(scores.mean_accuracy == doctest::Approx((0.75 + 1.0) / 2));
  CHECK(*scores.classes[0].iou == doctest::Approx(3.0 / 4));
  CHECK(*scores.classes[1].iou == doctest::Approx(2.0 / 3));
  CHECK(scores.mean_iou == doctest::Approx((3.0 / 4 + 2.0 / 3) / 2));
  CHECK(scores.fw_iou == doctest::Approx(4.0 / 6 * 3 / 4 + 2.0 / 6 * 2 / 3));
  CHECK(scores.left_out.empty());
}

TEST_CASE("dice is 2 IoU / (1 + IoU)") {
  const ConfusionMatrix matrix(3, {50, 3, 2, 7, 40, 1, 0, 9, 11});
  for (const auto& row : matrix.scores().classes) CHECK(*row.dice == doctest::Approx(2 * *row.iou / (1 + *row.iou)));
}

TEST_CASE("a class absent from truth and prediction is left out of the means") {
  ConfusionMatrix matrix(3);
  matrix.add(Labels{0, 0, 2, 2}, Labels{0, 0, 2, 0});
  const auto scores = matrix.scores();
  CHECK(scores.left_out == std::vector<std::int64_t>{1});
  CHECK_FALSE(scores.classes[1].iou.has_value());
  CHECK(scores.mean_iou == doctest::Approx((2.0 / 3 + 0.5) / 2));
}

TEST_CASE("a class that is only predicted counts in the mean IoU, not in the mean accuracy") {
  ConfusionMatrix matrix(2);
  matrix.add(Labels{0, 0}, Labels{0, 1});
  const auto scores = matrix.scores();
  CHECK(scores.left_out.empty());
  CHECK(*scores.classes[1].iou == 0.0);
  CHECK(scores.mean_iou == doctest::Approx(0.25));
  CHECK(scores.mean_accuracy == doctest::Approx(0.5));
}

TEST_CASE("ignored pixels are skipped, whatever was predicted") {
  ConfusionMatrix matrix(2);
  matrix.add(Labels{kIgnore, kIgnore, 1}, Labels{0, 1, 1});
  CHECK(matrix.counts() == std::vector<std::int64_t>{0, 0, 0, 1});
  ConfusionMatrix nothing(2);
  nothing.add(Labels{kIgnore}, Labels{0});
  CHECK(nothing.scores().pixels == 0);
  CHECK(nothing.scores().mean_iou == 0.0);
  CHECK(nothing.scores().left_out.size() == 2);
}

TEST_CASE("what does not fit is refused and leaves the counts alone") {
  ConfusionMatrix matrix(2);
  CHECK_THROWS_WITH_AS(matrix.add(Labels{0, 2}, Labels{0, 0}), "label 2 is not a class, expected 0 to 1", GraphError);
  CHECK_THROWS_WITH_AS(matrix.add(Labels{0}, Labels{7}), "predicted label 7 is not a class, expected 0 to 1",
                       GraphError);
  CHECK_THROWS_AS(matrix.add(Labels{0}, Labels{}), GraphError);
  CHECK(matrix.scores().pixels == 0);
  CHECK_THROWS_AS(ConfusionMatrix(0), GraphError);
  CHECK_THROWS_AS(ConfusionMatrix(2, {1, 2, 3}), GraphError);
  CHECK_THROWS_AS(matrix.merge(ConfusionMatrix(3)), GraphError);
}

TEST_CASE("parts merge to the whole") {
  ConfusionMatrix whole(2), a(2), b(2);
  whole.add(Labels{0, 1, 1, 0}, Labels{0, 1, 0, 1});
  a.add(Labels{0, 1}, Labels{0, 1});
  b.add(Labels{1, 0}, Labels{0, 1});
  a.merge(b);
  CHECK(a.counts() == whole.counts());
}

}  // namespace
}  // namespace fcngraph
