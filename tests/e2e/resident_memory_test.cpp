// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "resident_memory.h"
#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

#ifndef __SANITIZE_ADDRESS__  // whose shadow memory grows as well

TEST_CASE("the process grows by what the plan said") {
  const auto model = Model::load(graph("examples/unet.toml"));
  for (const auto& [mode, batch] : {std::pair(Mode::infer, 2), std::pair(Mode::train, 1)}) {
    CompileOptions compile;
    compile.mode = mode;
    compile.batch = batch;
    compile.height = compile.width = 64;
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
