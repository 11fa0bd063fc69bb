// SPDX-License-Identifier: Apache-2.0
#include "atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

namespace fcngraph {
namespace {

// strerror is not thread-safe; this is.
std::string words_for(int error) { return std::generic_category().message(error); }

// Not mkstemp: its files are for the owner alone, whatever the umask says.
int create_beside(const std::string& path, std::string& temporary) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto key = random_key(static_cast<std::uint64_t>(getpid()), static_cast<std::uint64_t>(now.tv_nsec));
  for (std::uint64_t attempt = 0; attempt < 100; ++attempt) {
    temporary = path + ".tmp" + std::to_string(random_bits(key, attempt) % 1000000000);
    const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

// A rename is only durable once its folder is. Some file systems refuse to sync folders; that is no reason to fail.
void sync_folder(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const int folder = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path_, ignored)) throw IoError(path_, "cannot write: it is a folder");
  descriptor_ = create_beside(path_, temporary_);
  if (descriptor_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail("cannot create", error);
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  FCNGRAPH_ASSERT(descriptor_ >= 0, "write after commit");
  while (!bytes.empty()) {
    const auto count = ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), std::size_t{1} << 30));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("cannot write", count < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void AtomicFile::commit(bool durable) {
  FCNGRAPH_ASSERT(descriptor_ >= 0, "commit after commit");
  if (durable && fsync(descriptor_) != 0) fail("cannot write", errno);
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (close(descriptor) != 0) fail("cannot write", errno);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot replace", errno);
  temporary_.clear();
  if (durable) sync_folder(path_);
}

void AtomicFile::fail(const char* action, int error) {
  discard();
  throw IoError(path_, std::string(action) + ": " + words_for(error));
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
}

void write_file(const std::string& path, std::string_view text) { write_file(path, std::as_bytes(std::span(text))); }

void write_file(const std::string& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace fcngraph
