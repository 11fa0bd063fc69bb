// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace fcngraph {

/// A file that appears as a whole or not at all: written beside its place, synced, then renamed over it.
/// Whatever was there before stays until `commit` succeeds; without `commit` the temporary file is removed.
/// Each member throws IoError with the system's own words ("No space left on device").
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// After it the file is there under its name; where `durable`, on disk, so that it survives a power cut. To be called once.
  void commit(bool durable = true);

 private:
  void fail(const char* action, int error);
  void discard() noexcept;

  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// Writes a whole file through AtomicFile.
void write_file(const std::string& path, std::string_view text);
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace fcngraph
