// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

#include "mapped_buffer.h"
#include "packed_folder.h"

namespace fcngraph {

/// A parameter or state on a device. `version` changes with every change of the contents; 0: not filled yet.
struct SavedTensor {
  std::string name;
  TensorType type;
  std::unique_ptr<Buffer> buffer;  ///< null: not filled yet, and so far only setup steps ask for it
  std::uint64_t version = 0;
  bool only_for_setup = true;  ///< no other step of any program asks for it: it may stay in the file of weights
  // Where it does:
  MappedBuffer* mapped = nullptr;  ///< the buffer
  std::shared_ptr<PackedFolder> folder;
  std::optional<std::uint64_t> hash;  ///< of its contents
};

/// What a setup step made (packed weights), and of which versions of saved tensors; empty: nothing yet.
struct ResidentTensor {
  std::int64_t bytes = 0;
  std::unique_ptr<Buffer> buffer;  ///< null: not made yet
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
  SavedTensor& saved(const std::string& name, const TensorType& type, bool only_for_setup);
  /// The tensor that `recipe`, a text that says how it is made of which tensors, stands for.
  ResidentTensor& resident(const std::string& recipe, std::int64_t bytes);
  /// Gives it memory, where it has none.
  void make_room(ResidentTensor& tensor);
  /// Gives it contents that were kept in a file. They are copied: a mapping has small pages, and 4 KiB at a time kernels read
  /// hundreds of megabytes a tenth slower in every run, which is more than to copy them once.
  void fill(ResidentTensor& tensor, MappedBuffer& kept);
  bool has_resident(const std::string& recipe) const { return resident_.count(recipe) > 0; }

  void write(SavedTensor& tensor, std::span<const std::byte> bytes);
  /// Gives a tensor memory of its own, with the contents that it has.
  void own(SavedTensor& tensor);
  /// Leaves a tensor that is only for setup in the file where its contents lie.
  void borrow(SavedTensor& tensor, std::shared_ptr<const MappedFile> file, std::span<const std::byte> bytes);
  /// Where packed weights of such a file are kept; null where they are not to be.
  std::shared_ptr<PackedFolder> folder_of(const std::shared_ptr<const MappedFile>& weights);
  /// Says that a tensor's contents changed.
  void touch(SavedTensor& tensor) { tensor.version = ++clock_; }
  /// Changes whenever any saved tensor does.
  std::uint64_t clock() const noexcept { return clock_; }

  /// Changes whenever the memory of any tensor does.
  std::uint64_t moves() const noexcept { return moves_; }

  std::uint64_t seed = 0;     ///< of the initialisers
  bool keeps_packed = false;  ///< beside the weights

 private:
  const Backend& backend_;
  std::unique_ptr<Device> device_;
  bool on_host_ = false;
  std::uint64_t clock_ = 0, moves_ = 1;
  std::map<std::string, SavedTensor> saved_;
  std::map<std::string, ResidentTensor> resident_;
  std::map<std::string, std::shared_ptr<PackedFolder>> folders_;  ///< by the path of the weights
};

}  // namespace fcngraph
