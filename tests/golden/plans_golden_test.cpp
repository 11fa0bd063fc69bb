// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/reference/backend.h>

#include "null_backend.h"
#include "twin_plans.h"

namespace fcngraph::testing {
namespace {

TEST_CASE("the plans of the tiny twins are those that were reviewed") {
  NullBackend null;
  null.layouts = {{"conv2d", "blocked"}, {"max_pool2d", "blocked"}};
  null.weight_layouts = {{"conv2d", "packed"}};
  null.workspaces = {{"conv2d", 4096}};
  check_twin_plans(null);
  check_twin_plans(reference_backend());
}

}  // namespace
}  // namespace fcngraph::testing
