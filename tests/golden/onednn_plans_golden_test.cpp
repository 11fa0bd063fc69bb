// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/onednn/backend.h>

#include "skip.h"
#include "twin_plans.h"

namespace fcngraph::testing {
namespace {

// oneDNN's answers depend on its version and on the processor, which the environment of this test holds back to AVX2.
TEST_CASE("the plans of the tiny twins on oneDNN 2.6 with AVX2 are those that were reviewed") {
  const Probe probe = onednn_backend().probe();
  if (!probe.available || !probe.text.starts_with("oneDNN 2.6.") || probe.text.find(", avx2,") == std::string::npos)
    return skip("the plans are those of oneDNN 2.6 with AVX2, here is: " + probe.text);
  check_twin_plans(onednn_backend());
}

}  // namespace
}  // namespace fcngraph::testing
