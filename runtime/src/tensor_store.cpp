// SPDX-License-Identifier: Apache-2.0
#include "tensor_store.h"

#include <fcngraph/engine/error.h>

namespace fcngraph {

TensorStore::TensorStore(const Backend& backend, const DeviceOptions& options)
    : backend_(backend), device_(backend.open(options)), on_host_(device_->allocate(64)->host() != nullptr) {}

SavedTensor* TensorStore::find(const std::string& name) {
  const auto found = saved_.find(name);
  return found == saved_.end() ? nullptr : &found->second;
}

SavedTensor& TensorStore::saved(const std::string& name, const TensorType& type) {
  if (SavedTensor* there = find(name)) {
    if (there->type != type) {
      throw GraphError("'" + name + "' is " + to_string(type) + " in this program, and " + to_string(there->type) +
                       " in the session that it would share it with");
    }
    return *there;
  }
  auto buffer = device_->allocate(static_cast<std::size_t>(bytes_of(type)));
  return saved_.emplace(name, SavedTensor{name, type, std::move(buffer), 0}).first->second;
}

ResidentTensor& TensorStore::resident(const std::string& recipe, std::int64_t bytes) {
  ResidentTensor& tensor = resident_[recipe];
  if (tensor.buffer == nullptr) tensor.buffer = device_->allocate(static_cast<std::size_t>(bytes));
  return tensor;
}

void TensorStore::write(SavedTensor& tensor, std::span<const std::byte> bytes) {
  FCNGRAPH_ASSERT(bytes.size() == tensor.buffer->size(), "a saved tensor was given another size");
  device_->upload(tensor.buffer->device_data(), bytes);
  touch(tensor);
}

}  // namespace fcngraph
