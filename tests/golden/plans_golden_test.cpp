// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>
#include <fcngraph/reference/backend.h>

#include "../unit/graphs/load_graph.h"
#include "golden.h"
#include "null_backend.h"

namespace fcngraph::testing {
namespace {

TEST_CASE("the plans of the tiny twins are those that were reviewed") {
  NullBackend null;
  null.layouts = {{"conv2d", "blocked"}, {"max_pool2d", "blocked"}};
  null.weight_layouts = {{"conv2d", "packed"}};
  null.workspaces = {{"conv2d", 4096}};
  const OpTable ops;
  for (const std::string model : {"fcn32s", "fcn16s", "fcn8s"}) {
    const auto spec = test::load_spec("tiny/" + model + ".toml");
    for (const Mode mode : {Mode::infer, Mode::train}) {
      for (const Backend* backend : {static_cast<const Backend*>(&null), &reference_backend()}) {
        const std::string name =
            model + (mode == Mode::infer ? ".infer." : ".train.") + std::string(backend->name()) + ".plan";
        CAPTURE(name);
        CompilerOptions options;
        options.context = {
            .mode = mode, .backend = backend, .ops = &ops, .optimizer = dsl::optimizer_options(spec.train)};
        options.pipeline.check_honesty = true;
        const Plan plan = compile(test::build(spec, {.mode = mode, .batch = 2, .classes = 4}), options);
        CHECK_EQ(compare_golden(source_dir() / "tests" / "golden" / "plans" / name, to_text(plan)), "");
      }
    }
  }
}

}  // namespace
}  // namespace fcngraph::testing
