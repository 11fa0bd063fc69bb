// SPDX-License-Identifier: Apache-2.0
// libfcngraph_cudnn.so as it was built: it opens on a machine without a GPU too, and says what is missing.
#include <doctest/doctest.h>

#include <fcngraph/module/module_backend.h>

#include "libraries.h"

namespace fcngraph {
namespace {

TEST_CASE("the module opens, and says of this machine what our own look at it says") {
  const OpenedModule opened = open_module("cudnn", system_loader());
  INFO(opened.why);
  REQUIRE(opened.backend != nullptr);
  CHECK(opened.backend->name() == "cudnn");
  const Probe probe = opened.backend->probe();
  const cudnn::Libraries here = cudnn::open_libraries(system_loader());
  CHECK(probe.available == here.complete());
  CHECK(probe.text == cudnn::probe_of(here).text);
  if (!probe.available) CHECK_THROWS_AS((void)opened.backend->open({}), BackendError);
}

}  // namespace
}  // namespace fcngraph
