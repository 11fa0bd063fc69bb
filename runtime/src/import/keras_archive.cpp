// SPDX-License-Identifier: Apache-2.0
#include "import/keras_archive.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcngraph/engine/error.h>

#include "import/keras_hdf5.h"
#include "import/keras_names.h"

namespace fcngraph::import {
namespace {

constexpr std::uint64_t kMostConfig = std::uint64_t{64} << 20;

/// A file that is gone with the object, but not for those who have it open.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& archive)
      : archive_(archive), path_((std::filesystem::temp_directory_path() / "fcngraph-XXXXXX").string()) {
    descriptor_ = ::mkstemp(path_.data());
    if (descriptor_ < 0) fail();
  }
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto done = ::write(descriptor_, bytes.data(), bytes.size());
      if (done < 0 && errno != EINTR) fail();
      if (done > 0) bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw IoError(archive_,
                  fmt::format("cannot be unpacked to '{}': {}", path_, std::generic_category().message(errno)));
  }
  const std::string& archive_;
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace

Source list_keras_archive(const ZipFile& archive) {
  const auto* const weights = archive.find("model.weights.h5");
  if (weights == nullptr) throw IoError(archive.path(), "holds no 'model.weights.h5'");
  TemporaryFile unpacked(
      archive.path());  // the library reads files, and copies what it is given in memory more than once
  archive.read(*weights, [&](std::span<const std::byte> part) { unpacked.write(part); });
  const auto file = std::make_shared<const Hdf5File>(unpacked.path(), archive.path());
  if (is_legacy(*file)) return list_legacy(file);
  Source source = list_keras3(file);
  const auto* const config = archive.find("config.json");
  if (config == nullptr || config->bytes > kMostConfig) return source;
  const auto text = archive.read(*config);
  name_by_config(source, {reinterpret_cast<const char*>(text.data()), text.size()});
  return source;
}

}  // namespace fcngraph::import
