// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/backend_module.h>
#include <fcngraph/module/module_backend.h>

#include "fake_loader.h"

namespace fcngraph {
namespace {

using test::address_of;
using test::FakeLoader;

class SomeBackend final : public Backend {
 public:
  std::string_view name() const override { return "some"; }
  Probe probe() const override { return {true, "some device"}; }
  Capability capability(const StepView&, const KernelPolicy&) const override { return Capability::no("not today"); }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { return nullptr; }
};

BackendModule answer;
const BackendModule* entry() { return &answer; }
const BackendModule* no_answer() { return nullptr; }

FakeLoader with_entry(BackendModuleEntry* function) {
  FakeLoader loader;
  loader.libraries["/second/libfcngraph_some.so"] = {{kBackendModuleEntry, address_of(function)}};
  return loader;
}

std::string refusal(const LibraryLoader& loader) {
  const ModuleBackend backend("some", loader);
  const Probe probe = backend.probe();
  CHECK_FALSE(probe.available);
  CHECK_FALSE(backend.capability({}, {}).supported);
  CHECK(backend.capability({}, {}).reason == probe.text);
  CHECK_THROWS_AS((void)backend.open({}), BackendError);
  return probe.text;
}

TEST_CASE("a module answers for its backend, and is opened once, when it is asked for") {
  const SomeBackend some;
  answer = {};
  answer.backend = &some;
  const FakeLoader loader = with_entry(entry);
  const ModuleBackend backend("some", loader);
  CHECK(loader.opened.empty());
  CHECK(backend.probe().available);
  CHECK(backend.probe().text == "some device");
  CHECK(backend.capability({}, {}).reason == "not today");
  CHECK(loader.opened == std::vector<std::string>{"/second/libfcngraph_some.so"});
}

TEST_CASE("every way in which a module can be absent is a sentence") {
  const SomeBackend some;
  CHECK(refusal(FakeLoader()) == "libfcngraph_some.so is neither beside the library nor beside the program");

  FakeLoader broken;
  broken.libraries["/first/libfcngraph_some.so"] = {};
  broken.libraries["/second/libfcngraph_some.so"] = {{kBackendModuleEntry, address_of(&entry)}};
  CHECK(refusal(broken) ==
        "libfcngraph_some.so cannot be opened: /first/libfcngraph_some.so: undefined symbol: something");

  FakeLoader stranger;
  stranger.libraries["/first/libfcngraph_some.so"] = {{"main", address_of(&entry)}};
  CHECK(refusal(stranger) ==
        "libfcngraph_some.so has no function fcngraph_backend_module, so it is no backend of fcngraph");

  CHECK(refusal(with_entry(no_answer)) == "libfcngraph_some.so offers no backend");
  answer = {};
  CHECK(refusal(with_entry(entry)) == "libfcngraph_some.so offers no backend");
  answer.backend = &some;
  answer.version = kBackendModuleVersion + 1;
  CHECK(refusal(with_entry(entry)) ==
        "libfcngraph_some.so is a module of version 4, expected 3: it was built for another version of fcngraph");
  answer.version = kBackendModuleVersion;
  answer.layout ^= 1;
  CHECK(refusal(with_entry(entry)) == "libfcngraph_some.so was built with other headers of fcngraph than this library");
}

}  // namespace
}  // namespace fcngraph
