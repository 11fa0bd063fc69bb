// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fcngraph {

/// A file as read-only memory, as long as the object lives. Throws IoError when it is missing, a folder or unreadable.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  const std::string& path() const noexcept { return path_; }
  /// What tells the file's state from every other: its device and number, size, and times of the last changes, as the system gives
  /// them. Who sets all of these back by hand is not found out.
  const std::string& identity() const noexcept { return identity_; }
  /// Gives the whole pages of a part of it back to the system, which reads them again when they are asked for.
  void release(std::span<const std::byte> part) const noexcept;

 private:
  std::string path_, identity_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace fcngraph
