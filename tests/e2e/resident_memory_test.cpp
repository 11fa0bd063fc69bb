// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "resident_memory.h"

namespace fcngraph::testing {
namespace {

#ifndef __SANITIZE_ADDRESS__  // whose shadow memory grows as well

/// Wide values and few weights.
std::string convolutions() {
  std::string text =
      "fcngraph = 1\n[model]\nname = \"convolutions\"\ntrainable = \"all\"\n"
      "input = { height = 128, width = 128, preprocess = \"tf\" }\n";
  for (int i = 0; i < 6; ++i) {
    text += "[[node]]\nname = \"conv" + std::to_string(i) +
            "\"\nop = \"conv2d\"\nfilters = 16\nkernel = 3\npadding = \"same\"\nactivation = \"relu\"\n";
    if (i == 0) text += "inputs = [\"image\"]\n";
  }
  return text + "[[head]]\nname = \"scores\"\nfrom = \"conv5\"\n[data]\nkind = \"synthetic\"\nsize = 128\n";
}

TEST_CASE("the process grows by what the plan said") {
  const auto model = Model::parse(convolutions(), ".");
  for (const auto mode : {Mode::infer, Mode::train}) {
    CompileOptions compile;
    compile.mode = mode;
    compile.batch = 4;
    const auto growth = growth_of(model.compile(compile));
    CAPTURE(growth.measured);
    CAPTURE(growth.predicted);
    CHECK(growth.predicted > 0x1p21);
    CHECK(growth.as_predicted(0x1p20));
  }
}

#endif

}  // namespace
}  // namespace fcngraph::testing
