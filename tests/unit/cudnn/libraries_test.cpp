// SPDX-License-Identifier: Apache-2.0
#include "libraries.h"

#include <doctest/doctest.h>

#include <cstring>

#include "fake_loader.h"

namespace fcngraph::cudnn {
namespace {

using test::address_of;
using test::FakeLoader;

/// A machine with one H-something; each test changes what it is about.
struct Machine {
  int init = 0, version = 13000, devices = 1, major = 9, minor = 0;
  std::size_t cudnn = 91900;
};
Machine machine;

int cu_init(unsigned) { return machine.init; }
int cu_version(int* out) { return *out = machine.version, 0; }
int cu_count(int* out) { return *out = machine.devices, 0; }
int cu_attribute(int* out, int what, int) { return *out = what == 75 ? machine.major : machine.minor, 0; }
int cu_name(char* out, int size, int) { return std::strncpy(out, "Some GPU", static_cast<std::size_t>(size)), 0; }
std::size_t cudnn_version() { return machine.cudnn; }

FakeLoader whole() {
  machine = {};
  FakeLoader loader;
  loader.libraries["libcuda.so.1"] = {{"cuInit", address_of(&cu_init)},
                                      {"cuDriverGetVersion", address_of(&cu_version)},
                                      {"cuDeviceGetCount", address_of(&cu_count)},
                                      {"cuDeviceGetAttribute", address_of(&cu_attribute)},
                                      {"cuDeviceGetName", address_of(&cu_name)}};
  loader.libraries["libcudnn.so.9"] = {{"cudnnGetVersion", address_of(&cudnn_version)}};
  return loader;
}

std::string missing(const LibraryLoader& loader) {
  const Libraries found = open_libraries(loader);
  CHECK_FALSE(found.complete());
  CHECK_FALSE(probe_of(found).available);
  CHECK(probe_of(found).text == found.missing);
  return found.missing;
}

TEST_CASE("a whole machine is described") {
  const Probe probe = probe_of(open_libraries(whole()));
  CHECK(probe.available);
  CHECK(probe.text == "Some GPU, compute capability 9.0, driver for CUDA 13.0, cuDNN 9.19.0");
}

TEST_CASE("what is missing is said in one sentence") {
  CHECK(missing(FakeLoader()) == "no NVIDIA driver: libcuda.so.1 cannot be opened");
  FakeLoader loader = whole();
  loader.libraries["libcuda.so.1"].erase("cuInit");
  CHECK(missing(loader) == "libcuda.so.1 is not the library of an NVIDIA driver");

  loader = whole();
  machine.version = 12040;
  CHECK(missing(loader) == "the NVIDIA driver is for CUDA 12.4, this module needs 13.0 or later");
  loader = whole();
  machine.init = 100;
  CHECK(missing(loader) == "the NVIDIA driver finds no GPU");
  loader = whole();
  machine.init = 804;
  CHECK(missing(loader) == "the NVIDIA driver does not start (error 804 of cuInit)");
  loader = whole();
  machine.devices = 0;
  CHECK(missing(loader) == "the NVIDIA driver finds no GPU");
  loader = whole();
  machine.major = 7, machine.minor = 5;
  CHECK(missing(loader) == "Some GPU has compute capability 7.5, this module needs 8.0 or later");

  loader = whole();
  loader.libraries.erase("libcudnn.so.9");
  CHECK(missing(loader) ==
        "libcudnn.so.9 (cuDNN 9) cannot be opened, neither from the system nor from a Python environment");
  loader = whole();
  loader.libraries["libcudnn.so.9"] = {{"main", address_of(&cudnn_version)}};
  CHECK(missing(loader) == "libcudnn.so.9 is not cuDNN");
  loader = whole();
  machine.cudnn = 8907;
  CHECK(missing(loader) == "libcudnn.so.9 is cuDNN 8.9.7, expected version 9");
}

TEST_CASE("cuDNN is found in a Python environment before the system's") {
  FakeLoader loader = whole();
  const std::vector<std::string> folders = cudnn_folders();
  REQUIRE_FALSE(folders.empty());
  loader.libraries[folders.front() + "/libcudnn.so.9"] = loader.libraries["libcudnn.so.9"];
  CHECK(open_libraries(loader).complete());
  CHECK(loader.opened.back() == folders.front() + "/libcudnn.so.9");
}

}  // namespace
}  // namespace fcngraph::cudnn
