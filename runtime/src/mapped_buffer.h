// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include <fcngraph/engine/backend.h>

#include "mapped_file.h"

namespace fcngraph {

/// Part of a mapped file as the memory of a device that the host shares: to be read, never written.
class MappedBuffer final : public Buffer {
 public:
  MappedBuffer(std::shared_ptr<const MappedFile> file, std::span<const std::byte> bytes)
      : file_(std::move(file)), bytes_(bytes) {}

  std::byte* device_data() noexcept override { return const_cast<std::byte*>(bytes_.data()); }
  std::byte* host() noexcept override { return device_data(); }
  std::size_t size() const noexcept override { return bytes_.size(); }

  /// Gives its pages back to the system, which reads them again when they are asked for.
  void release() noexcept { file_->release(bytes_); }
  void release(std::span<const std::byte> part) noexcept { file_->release(part); }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::span<const std::byte> bytes_;
};

}  // namespace fcngraph
