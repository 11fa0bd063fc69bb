// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "backends_under_test.h"
#include "step_runner.h"

namespace fcngraph::testing {

/// How a kernel of the CPU backend's own is asked for, and what it must be called.
struct OwnKernel {
  std::string policy;
  std::string name;  ///< the beginning of it
  double tolerance = 0;
  std::string storage = "f32";
  DType products = DType::f32;
};

/// Checks that such a kernel runs a case as the reference's loop does in f64, with the same bits for one thread and two.
inline void check_own(const Backend& backend, const OpDef& op, const OpCase& one, const std::string& tag,
                      const OwnKernel& kernel) {
  CAPTURE(op.name);
  CAPTURE(to_string(one.operands[0]));
  CAPTURE(to_string(one.operands[1]));
  CAPTURE(tag);
  CAPTURE(kernel.name);
  const Problem problem = make_problem(op, one, 7);
  RunOptions options{.threads = 1,
                     .offered_tag = tag,
                     .kernels = kernel.policy,
                     .storage = kernel.storage,
                     .products = kernel.products};
  const Outcome alone = run_on(backend, problem, options);
  options.threads = 2;
  const Outcome shared = run_on(backend, problem, options);
  REQUIRE_MESSAGE(alone.answer.supported, alone.answer.reason);
  CHECK(alone.answer.kernel.starts_with(kernel.name));
  CHECK(worst_error(alone.results[0], run_reference(in_double(problem))[0]) <= kernel.tolerance);
  CHECK(alone.results[0].data == shared.results[0].data);
}

/// f(backend) for every form of the CPU backend that this program runs.
template <class F>
void on_onednn(F f) {
  for (const Backend* backend : backends_under_test()) {
    if (backend->name() == "onednn") f(*backend);
  }
}

}  // namespace fcngraph::testing
