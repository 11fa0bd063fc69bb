// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "run_op.h"

namespace fcngraph {

/// Checks that the op's shape rule reports exactly this about "node", and yields nothing.
inline void expect_mistake(const OpDef& op, const Attrs& attrs, const std::vector<test::OptionalTensor>& operands,
                           const std::string& message) {
  try {
    test::infer_op(op, attrs, operands);
    FAIL_CHECK("no mistake was reported; expected: " << message);
  } catch (const GraphError& error) {
    REQUIRE_EQ(error.diagnostics().size(), 1);
    CHECK_EQ(error.diagnostics()[0].message, "node 'node': " + message);
  }
}

}  // namespace fcngraph
