// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/backend_choice.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/reference/backend.h>
#include <array>

#include "temporary_folder.h"

namespace fcngraph {
namespace {

/// A backend whose library is missing.
class AbsentBackend final : public Backend {
 public:
  std::string_view name() const override { return "absent"; }
  Probe probe() const override { return {false, "libabsent.so.1 is not installed"}; }
  Capability capability(const StepView&, const KernelPolicy&) const override { return Capability::no("absent"); }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { return nullptr; }
};

TEST_CASE("auto takes the first that runs and says why, and why not the others") {
  const AbsentBackend absent;
  const std::array<const Backend*, 2> backends{&absent, &reference_backend()};
  const BackendChoice choice = choose_backend("auto", backends);
  CHECK_EQ(choice.backend, &reference_backend());
  CHECK(says(choice.reason, "auto: reference"));
  CHECK(says(choice.reason, "not absent: libabsent.so.1 is not installed"));
  CHECK(says(message_of<BackendError>([&] { (void)choose_backend("auto", std::span(backends).first(1)); }),
             "libabsent.so.1"));
}

TEST_CASE("a backend asked for by name is there, or the error says why not") {
  const AbsentBackend absent;
  const std::array<const Backend*, 2> backends{&absent, &reference_backend()};
  CHECK_EQ(choose_backend("reference", backends).backend, &reference_backend());
  CHECK_EQ(message_of<BackendError>([&] { (void)choose_backend("absent", backends); }),
           "backend 'absent': not available: libabsent.so.1 is not installed");
  const std::string unknown = message_of<BackendError>([&] { (void)choose_backend("refrence", backends); });
  CHECK(says(unknown, "expected one of auto, absent, reference"));
  CHECK(says(unknown, "did you mean 'reference'?"));
}

}  // namespace
}  // namespace fcngraph
