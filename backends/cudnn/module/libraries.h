// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/module/library_loader.h>

namespace fcngraph::cudnn {

/// What of the machine the module needs: the driver's libcuda.so.1 with a GPU that our kernels run on, and libcudnn.so.9. Nothing of
/// CUDA is linked, so that the module can be opened anywhere and say what is missing.
struct Libraries {
  void* driver = nullptr;
  void* cudnn = nullptr;
  int driver_version = 0;  ///< of CUDA that the driver is made for: 13000
  int devices = 0;
  int compute_capability = 0;     ///< of device 0: 90
  std::size_t cudnn_version = 0;  ///< 91900
  std::string device_name;
  std::string missing;  ///< a sentence; empty: nothing is

  bool complete() const noexcept { return missing.empty(); }
};

/// Drivers older than this cannot load what this CUDA compiles, GPUs older than this are not compiled for.
inline constexpr int kOldestDriver = 13000;
inline constexpr int kOldestCapability = 80;
inline constexpr std::size_t kCudnnMajor = 9;

/// Opens what is there, up to the first thing that is missing.
Libraries open_libraries(const LibraryLoader& loader);

/// Where cuDNN may lie beside the places that the system looks in: CUDNN_ROOT, the toolkit, and the Python packages of the
/// environment under way (VIRTUAL_ENV, CONDA_PREFIX), of PYTHONPATH and of the system. In this order; not all need exist.
std::vector<std::string> cudnn_folders();

/// "13.0" of 13000, "9.19.0" of 91900.
std::string cuda_version_text(int version);
std::string cudnn_version_text(std::size_t version);

/// In one sentence what runs, or what is missing.
Probe probe_of(const Libraries& libraries);

}  // namespace fcngraph::cudnn
