// SPDX-License-Identifier: Apache-2.0
#include "import/source.h"

#include <doctest/doctest.h>

namespace fcngraph::import {
namespace {

TEST_CASE("names of variables, as several generations of Keras wrote them") {
  struct Case {
    const char *name, *known, *layer, *variable;
  };
  const Case cases[] = {
      {"block1_conv1_W_1:0", "block1_conv1", "block1_conv1", "kernel"},
      {"block1_conv1_b_1:0", "block1_conv1", "block1_conv1", "bias"},
      {"block1_conv1/kernel:0", "", "block1_conv1", "kernel"},
      {"model/block1_conv1/kernel", "", "block1_conv1", "kernel"},
      {"fc1_1/bias:0", "fc1", "fc1_1", "bias"},
      {"conv1_1_W", "", "conv1_1", "kernel"},
      {"conv1.bias", "", "conv1", "bias"},
      {"bn/moving_variance:0", "", "bn", "variance"},
      {"dw/depthwise_kernel", "", "dw", "depthwise_kernel"},
      {"kernel", "", "", "kernel"},
      {"step", "", "", "step"},
      {"", "", "", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto parts = split_variable(c.name, c.known);
    CHECK_EQ(parts.layer, c.layer);
    CHECK_EQ(parts.variable, c.variable);
  }
  CHECK(is_keras_kernel("a/kernel:0"));
  CHECK(is_keras_kernel("conv1_1_W"));
  CHECK_FALSE(is_keras_kernel("fc6.weight"));
}

TEST_CASE("an ordinary file may grow when it is unpacked, an attack may not") {
  CHECK_FALSE(grows_too_much(1000, 16 << 20));
  CHECK_FALSE(grows_too_much(1 << 20, 100 << 20));
  CHECK(grows_too_much(1000, 17 << 20));
  CHECK(grows_too_much(0, ~std::uint64_t{0}));
}

}  // namespace
}  // namespace fcngraph::import
