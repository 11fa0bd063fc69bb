// SPDX-License-Identifier: Apache-2.0
#include "data/preprocess.h"

#include <vector>

#include <doctest/doctest.h>

#include "temporary_folder.h"

using namespace fcngraph;
using namespace fcngraph::data;

namespace {

std::vector<float> of(const char* name, float r, float g, float b) {
  const float rgb[] = {r, g, b};
  std::vector<float> out(3);
  preprocess_row(preprocess_from(name), rgb, 1, out.data(), 1);
  return out;
}

}  // namespace

TEST_CASE("each preprocessing is the one that its name stands for") {
  const auto caffe = of("caffe", 200, 100, 50);
  CHECK(caffe[0] == doctest::Approx(50 - 103.939));
  CHECK(caffe[1] == doctest::Approx(100 - 116.779));
  CHECK(caffe[2] == doctest::Approx(200 - 123.68));
  const auto tf = of("tf", 255, 127.5F, 0);
  CHECK(tf[0] == 1);
  CHECK(tf[1] == 0);
  CHECK(tf[2] == -1);
  const auto torch = of("torch", 255, 0, 51);
  CHECK(torch[0] == doctest::Approx((1 - 0.485) / 0.229));
  CHECK(torch[1] == doctest::Approx(-0.456 / 0.224));
  CHECK(torch[2] == doctest::Approx((0.2 - 0.406) / 0.225));
  CHECK(of("none", 1, 2, 3) == std::vector<float>{1, 2, 3});
}

TEST_CASE("an unknown preprocessing names the known ones") {
  CHECK(message_of([] { preprocess_from("keras"); }) ==
        "preprocess 'keras' is unknown, expected caffe, caffe_fcn, tf, torch or none");
}
