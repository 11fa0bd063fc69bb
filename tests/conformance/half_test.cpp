// SPDX-License-Identifier: Apache-2.0
// Every op that a backend offers in 16 bits, against its loop in f64 on the same numbers.
#include <doctest/doctest.h>

#include <algorithm>

#include <fcngraph/engine/pass.h>

#include "backends_under_test.h"
#include "step_runner.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

TEST_CASE("every narrow op agrees with its loop, in f16 and bf16, plain and with channels last") {
  const OpTable ops;
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    int offered = 0, refused = 0;
    for (const DType storage : {DType::f16, DType::bf16}) {
      CAPTURE(name_of(storage));
      // One rounding of a result; bias and addend behind a convolution may each take one more.
      const double rounding = storage == DType::f16 ? 0x1.0p-11 : 0x1.0p-8;
      for (const std::string& name : precision_policy(storage).narrow) {
        CAPTURE(name);
        const OpDef* op = ops.find(name);
        REQUIRE(op != nullptr);
        if (!op->cases) continue;
        for (const OpCase& one : op->cases()) {
          // What the policy narrows is made of images.
          if (one.operands[0].shape.rank() != 4) continue;
          CAPTURE(one.name);
          Problem problem = stored_as(make_problem(*op, one, 5), storage);
          if (name == "max_pool2d") problem.wanted = 1;
          const auto want = run_reference(in_double(problem));
          for (const std::string tag : {"", "acdb"}) {
            const Outcome outcome = run_on(*backend, problem, {.threads = 1, .offered_tag = tag});
            outcome.answer.supported ? ++offered : ++refused;
            for (std::size_t r = 0; r < outcome.results.size(); ++r) {
              CAPTURE(r);
              CHECK(outcome.results[r].type.dtype == problem.results[r].dtype);
              CHECK(worst_error(outcome.results[r], want[r]) <= 3 * rounding + tolerance_of(name).relative);
            }
          }
        }
      }
    }
    // The others may say no; this backend is there for it.
    if (backend->name() != "cudnn") continue;
    CHECK(refused == 0);
    CHECK(offered > 100);
  }
}

}  // namespace
}  // namespace fcngraph::testing
