// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fcngraph::import {

/// A zip archive, open for reading. Every member throws IoError.
class ZipFile {
 public:
  struct Entry {
    std::string name;
    std::uint64_t bytes = 0;                  ///< unpacked
    std::uint64_t directory = 0, number = 0;  ///< where the archive's directory has it
  };

  /// Refuses names that lead out of the archive (absolute, or with ".."), what is encrypted, and archives that would unpack to
  /// more than a hundred times their size.
  explicit ZipFile(const std::string& path);
  ~ZipFile();
  ZipFile(const ZipFile&) = delete;
  ZipFile& operator=(const ZipFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  /// In the order of the archive's directory.
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  const Entry* find(const std::string& name) const noexcept;

  /// Hands out the entry's bytes part by part, and checks their number and checksum.
  void read(const Entry& entry, const std::function<void(std::span<const std::byte>)>& take) const;
  std::vector<std::byte> read(const Entry& entry) const;

 private:
  void list();

  std::string path_;
  void* handle_ = nullptr;
  std::vector<Entry> entries_;
};

}  // namespace fcngraph::import
