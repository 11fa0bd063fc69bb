// SPDX-License-Identifier: Apache-2.0
#include "twin_plans.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>

#include "../unit/graphs/load_graph.h"
#include "golden.h"

namespace fcngraph::testing {

void check_twin_plans(const Backend& backend) {
  const OpTable ops;
  for (const std::string model : {"fcn32s", "fcn16s", "fcn8s"}) {
    const auto spec = test::load_spec("tiny/" + model + ".toml");
    for (const Mode mode : {Mode::infer, Mode::train}) {
      const std::string name =
          model + (mode == Mode::infer ? ".infer." : ".train.") + std::string(backend.name()) + ".plan";
      CAPTURE(name);
      CompilerOptions options;
      options.context = {
          .mode = mode, .backend = &backend, .ops = &ops, .optimizer = dsl::optimizer_options(spec.train)};
      options.context.policy.threads = 1;  // workspaces grow with threads
      options.pipeline.check_honesty = true;
      const Plan plan = compile(test::build(spec, {.mode = mode, .batch = 2, .classes = 4}), options);
      CHECK_EQ(compare_golden(source_dir() / "tests" / "golden" / "plans" / name, to_text(plan)), "");
    }
  }
}

}  // namespace fcngraph::testing
