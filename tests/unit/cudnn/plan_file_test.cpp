// SPDX-License-Identifier: Apache-2.0
#include "plan_file.h"

#include <doctest/doctest.h>

namespace fcngraph::cudnn {
namespace {

PlanFile some() {
  PlanFile file;
  file.machine = machine_text("Some GPU", 90, 13000, 91900);
  file.plans["forward f16 x 1,2,3,4"] = {{1, 2, 3}, 0};
  file.plans["another"] = {};
  file.plans["forward f16 x 1,2,3,4 autotune"] = {{4, 5}, 1.25e-4};
  return file;
}

TEST_CASE("plans come back as they were written") {
  const PlanFile file = some(), back = PlanFile::read(file.bytes(), file.machine);
  CHECK(back.machine == file.machine);
  CHECK(back.plans == file.plans);
  CHECK(file.machine == "Some GPU sm_90 driver 13000 cudnn 91900");
  CHECK(plan_path("/folder", file.machine) == "/folder/Some_GPU_sm_90_driver_13000_cudnn_91900.plans");
}

TEST_CASE("plans of another GPU, driver or cuDNN are none") {
  const PlanFile file = some();
  for (const std::string& other :
       {machine_text("Other GPU", 90, 13000, 91900), machine_text("Some GPU", 90, 13010, 91900),
        machine_text("Some GPU", 90, 13000, 92000)})
    CHECK(PlanFile::read(file.bytes(), other).plans.empty());
}

TEST_CASE("a damaged file is an empty one: cut anywhere, or with any byte changed") {
  const PlanFile file = some();
  const auto bytes = file.bytes();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(PlanFile::read(std::span(bytes).first(size), file.machine).plans.empty());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= 0x40;
    CHECK(PlanFile::read(changed, file.machine).plans.empty());
  }
}

}  // namespace
}  // namespace fcngraph::cudnn
