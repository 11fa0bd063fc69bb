// SPDX-License-Identifier: Apache-2.0
#include "tensor_store.h"

#include <algorithm>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 20;

}  // namespace

TensorStore::TensorStore(const Backend& backend, const DeviceOptions& options)
    : backend_(backend), device_(backend.open(options)), on_host_(device_->allocate(64)->host() != nullptr) {}

SavedTensor* TensorStore::find(const std::string& name) {
  const auto found = saved_.find(name);
  return found == saved_.end() ? nullptr : &found->second;
}

SavedTensor& TensorStore::saved(const std::string& name, const TensorType& type, bool only_for_setup) {
  SavedTensor* tensor = find(name);
  if (tensor == nullptr) tensor = &saved_.emplace(name, SavedTensor{name, type}).first->second;
  if (tensor->type != type) {
    throw GraphError("'" + name + "' is " + to_string(type) + " in this program, and " + to_string(tensor->type) +
                     " in the session that it would share it with");
  }
  if (!only_for_setup) {
    tensor->only_for_setup = false;
    own(*tensor);
  }
  return *tensor;
}

ResidentTensor& TensorStore::resident(const std::string& recipe, std::int64_t bytes) {
  ResidentTensor& tensor = resident_[recipe];
  tensor.bytes = bytes;
  return tensor;
}

void TensorStore::make_room(ResidentTensor& tensor) {
  if (tensor.buffer != nullptr) return;
  tensor.buffer = device_->allocate(static_cast<std::size_t>(tensor.bytes));
  ++moves_;
}

void TensorStore::fill(ResidentTensor& tensor, MappedBuffer& kept) {
  make_room(tensor);
  // In pieces, so that it is not in memory twice.
  for (std::size_t at = 0; at < kept.size(); at += kPiece) {
    const std::span<const std::byte> piece(kept.host() + at, std::min(kPiece, kept.size() - at));
    device_->upload(tensor.buffer->device_data() + at, piece);
    kept.release(piece);
  }
}

void TensorStore::write(SavedTensor& tensor, std::span<const std::byte> bytes) {
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(bytes.size()) == bytes_of(tensor.type),
                  "a saved tensor was given another size");
  own(tensor);
  device_->upload(tensor.buffer->device_data(), bytes);
  touch(tensor);
}

void TensorStore::own(SavedTensor& tensor) {
  if (tensor.buffer != nullptr && tensor.mapped == nullptr) return;
  auto memory = device_->allocate(static_cast<std::size_t>(bytes_of(tensor.type)));
  if (tensor.mapped != nullptr) {
    device_->upload(memory->device_data(), {tensor.mapped->host(), tensor.mapped->size()});
    tensor.mapped->release();
  }
  tensor.buffer = std::move(memory);
  tensor.mapped = nullptr;
  tensor.folder = nullptr;
  tensor.hash = std::nullopt;
  ++moves_;
}

void TensorStore::borrow(SavedTensor& tensor, std::shared_ptr<const MappedFile> file,
                         std::span<const std::byte> bytes) {
  FCNGRAPH_ASSERT(tensor.only_for_setup && static_cast<std::int64_t>(bytes.size()) == bytes_of(tensor.type),
                  "a saved tensor cannot stay where it lies");
  tensor.folder = folder_of(file);
  tensor.hash = tensor.folder != nullptr ? tensor.folder->known_hash(bytes) : std::nullopt;
  auto buffer = std::make_unique<MappedBuffer>(std::move(file), bytes);
  tensor.mapped = buffer.get();
  tensor.buffer = std::move(buffer);
  ++moves_;
  touch(tensor);
}

std::shared_ptr<PackedFolder> TensorStore::folder_of(const std::shared_ptr<const MappedFile>& weights) {
  if (!keeps_packed) return nullptr;
  std::shared_ptr<PackedFolder>& folder = folders_[weights->path() + weights->identity()];
  if (folder == nullptr) folder = std::make_shared<PackedFolder>(weights);
  return folder;
}

}  // namespace fcngraph
