// SPDX-License-Identifier: Apache-2.0
#include "libraries.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace fcngraph::cudnn {
namespace {

// The few functions of the driver that are asked before anything of CUDA is used. Their codes are part of its binary interface.
using CuInit = int(unsigned);
using CuDriverGetVersion = int(int*);
using CuDeviceGetCount = int(int*);
using CuDeviceGetAttribute = int(int*, int, int);
using CuDeviceGetName = int(char*, int, int);
using CudnnGetVersion = std::size_t();
constexpr int kNoDevice = 100;
constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76;

template <class F>
F* function(const LibraryLoader& loader, void* library, const char* name) {
  return reinterpret_cast<F*>(loader.symbol(library, name));
}

std::string ask_driver(const LibraryLoader& loader, Libraries& out) {
  const auto init = function<CuInit>(loader, out.driver, "cuInit");
  const auto version = function<CuDriverGetVersion>(loader, out.driver, "cuDriverGetVersion");
  const auto count = function<CuDeviceGetCount>(loader, out.driver, "cuDeviceGetCount");
  const auto attribute = function<CuDeviceGetAttribute>(loader, out.driver, "cuDeviceGetAttribute");
  const auto name = function<CuDeviceGetName>(loader, out.driver, "cuDeviceGetName");
  if (!init || !version || !count || !attribute || !name) return "libcuda.so.1 is not the library of an NVIDIA driver";
  if (version(&out.driver_version) != 0) return "the NVIDIA driver does not say its version";
  if (out.driver_version < kOldestDriver) {
    return "the NVIDIA driver is for CUDA " + cuda_version_text(out.driver_version) + ", this module needs " +
           cuda_version_text(kOldestDriver) + " or later";
  }
  if (const int code = init(0); code == kNoDevice) {
    return "the NVIDIA driver finds no GPU";
  } else if (code != 0) {
    return "the NVIDIA driver does not start (error " + std::to_string(code) + " of cuInit)";
  }
  if (count(&out.devices) != 0 || out.devices < 1) return "the NVIDIA driver finds no GPU";
  int major = 0, minor = 0;
  char text[128] = {};
  if (attribute(&major, kCapabilityMajor, 0) != 0 || attribute(&minor, kCapabilityMinor, 0) != 0 ||
      name(text, sizeof text - 1, 0) != 0)
    return "the NVIDIA driver does not describe its GPU";
  out.compute_capability = 10 * major + minor;
  out.device_name = text;
  if (out.compute_capability < kOldestCapability) {
    return out.device_name + " has compute capability " + std::to_string(major) + "." + std::to_string(minor) +
           ", this module needs " + std::to_string(kOldestCapability / 10) + "." +
           std::to_string(kOldestCapability % 10) + " or later";
  }
  return {};
}

std::string open_cudnn(const LibraryLoader& loader, Libraries& out) {
  const std::string file = "libcudnn.so.9";
  std::string why;
  // The system's places last: what stands beside a Python that is in use was chosen.
  for (const std::string& folder : cudnn_folders()) {
    const std::string path = folder + "/" + file;
    if (out.cudnn == nullptr && loader.exists(path)) out.cudnn = loader.open(path, why);
  }
  std::string of_system;
  if (out.cudnn == nullptr) out.cudnn = loader.open(file, of_system);
  if (out.cudnn == nullptr) {
    return file + " (cuDNN 9) cannot be opened" +
           (why.empty() ? ", neither from the system nor from a Python environment" : ": " + why);
  }
  const auto version = function<CudnnGetVersion>(loader, out.cudnn, "cudnnGetVersion");
  if (version == nullptr) return file + " is not cuDNN";
  out.cudnn_version = version();
  if (out.cudnn_version / 10000 != kCudnnMajor)
    return file + " is cuDNN " + cudnn_version_text(out.cudnn_version) + ", expected version 9";
  return {};
}

void add_python_folders(std::vector<std::string>& out, const std::filesystem::path& lib) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(lib, ignored)) {
    if (!entry.path().filename().string().starts_with("python3")) continue;
    for (const char* packages : {"site-packages", "dist-packages"})
      out.push_back((entry.path() / packages / "nvidia/cudnn/lib").string());
  }
}

}  // namespace

std::vector<std::string> cudnn_folders() {
  std::vector<std::string> out;
  if (const char* root = std::getenv("CUDNN_ROOT")) {
    for (const char* lib : {"/lib", "/lib64"}) out.push_back(std::string(root) + lib);
  }
  for (const char* name : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* root = std::getenv(name)) add_python_folders(out, std::filesystem::path(root) / "lib");
  }
  if (const char* path = std::getenv("PYTHONPATH")) {
    std::istringstream list(path);
    for (std::string folder; std::getline(list, folder, ':');) out.push_back(folder + "/nvidia/cudnn/lib");
  }
  for (const char* lib : {"/usr/local/cuda/lib64", "/usr/local/cuda/lib"}) out.emplace_back(lib);
  for (const char* lib : {"/usr/local/lib", "/usr/lib"}) add_python_folders(out, lib);
  return out;
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string cudnn_version_text(std::size_t version) {
  // Up to version 8 three digits stood behind the major number, since then four.
  const std::size_t unit = version >= 90000 ? 10000 : 1000;
  return std::to_string(version / unit) + "." + std::to_string(version % unit / 100) + "." +
         std::to_string(version % 100);
}

Libraries open_libraries(const LibraryLoader& loader) {
  Libraries out;
  std::string why;
  out.driver = loader.open("libcuda.so.1", why);
  if (out.driver == nullptr) {
    out.missing = "no NVIDIA driver: libcuda.so.1 cannot be opened";
    return out;
  }
  out.missing = ask_driver(loader, out);
  if (out.missing.empty()) out.missing = open_cudnn(loader, out);
  return out;
}

Probe probe_of(const Libraries& l) {
  if (!l.complete()) return {false, l.missing};
  return {true, l.device_name + ", compute capability " + std::to_string(l.compute_capability / 10) + "." +
                    std::to_string(l.compute_capability % 10) + ", driver for CUDA " +
                    cuda_version_text(l.driver_version) + ", cuDNN " + cudnn_version_text(l.cudnn_version)};
}

}  // namespace fcngraph::cudnn
