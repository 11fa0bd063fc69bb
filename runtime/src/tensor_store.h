// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// A parameter or state on a device. `version` changes with every change of the contents; 0: not filled yet.
struct SavedTensor {
  std::string name;
  TensorType type;
  std::unique_ptr<Buffer> buffer;
  std::uint64_t version = 0;
};

/// What a setup step made (packed weights), and of which versions of saved tensors; empty: nothing yet.
struct ResidentTensor {
  std::unique_ptr<Buffer> buffer;
  std::vector<std::uint64_t> made_of;
  bool valid = false;
};

/// A device with the tensors that programs of one model share on it. Not thread-safe: its sessions share a thread.
class TensorStore {
 public:
  TensorStore(const Backend& backend, const DeviceOptions& options);

  const Backend& backend() const noexcept { return backend_; }
  Device& device() noexcept { return *device_; }
  /// Whether the host addresses the device's memory.
  bool on_host() const noexcept { return on_host_; }

  /// Null when there is none of that name.
  SavedTensor* find(const std::string& name);
  /// The tensor of that name, made (and not filled) where it was not there. Throws GraphError when it is there with another type.
  SavedTensor& saved(const std::string& name, const TensorType& type);
  /// The tensor that `recipe`, a text that says how it is made of which tensors, stands for.
  ResidentTensor& resident(const std::string& recipe, std::int64_t bytes);
  bool has_resident(const std::string& recipe) const { return resident_.count(recipe) > 0; }

  void write(SavedTensor& tensor, std::span<const std::byte> bytes);
  /// Says that a tensor's contents changed.
  void touch(SavedTensor& tensor) { tensor.version = ++clock_; }
  /// Changes whenever any saved tensor does.
  std::uint64_t clock() const noexcept { return clock_; }

  std::uint64_t seed = 0;  ///< of the initialisers

 private:
  const Backend& backend_;
  std::unique_ptr<Device> device_;
  bool on_host_ = false;
  std::uint64_t clock_ = 0;
  std::map<std::string, SavedTensor> saved_;
  std::map<std::string, ResidentTensor> resident_;
};

}  // namespace fcngraph
