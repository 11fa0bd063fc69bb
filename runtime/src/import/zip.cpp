// SPDX-License-Identifier: Apache-2.0
#include "import/zip.h"

#include <fmt/format.h>
#include <unzip.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcngraph/engine/error.h>

#include "import/source.h"

namespace fcngraph::import {
namespace {

constexpr std::size_t kLongestName = 4096;
constexpr std::uint64_t kMostEntries = 100'000;

bool leads_out(const std::string& name) {
  if (name.starts_with('/') || name.find('\\') != std::string::npos) return true;
  const std::filesystem::path path(name);
  return std::any_of(path.begin(), path.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace

ZipFile::ZipFile(const std::string& path) : path_(path), handle_(unzOpen64(path.c_str())) {
  if (handle_ == nullptr) throw IoError(path, "is no zip archive, or one that was cut short");
  try {
    list();
  } catch (...) {
    unzClose(handle_);
    throw;
  }
}

ZipFile::~ZipFile() { unzClose(handle_); }

void ZipFile::list() {
  unz_global_info64 all;
  if (unzGetGlobalInfo64(handle_, &all) != UNZ_OK || all.number_entry > kMostEntries)
    throw IoError(path_, "has a damaged directory");
  const std::uint64_t stored = std::filesystem::file_size(path_);
  std::uint64_t total = 0;
  for (ZPOS64_T i = 0; i < all.number_entry; ++i) {
    unz_file_info64 info;
    unz64_file_pos at;
    std::array<char, kLongestName> name{};
    if ((i == 0 ? unzGoToFirstFile(handle_) : unzGoToNextFile(handle_)) != UNZ_OK ||
        unzGetCurrentFileInfo64(handle_, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
        info.size_filename >= kLongestName || unzGetFilePos64(handle_, &at) != UNZ_OK)
      throw IoError(path_, fmt::format("has a damaged directory: entry {}", i));
    Entry entry{{name.data(), info.size_filename}, info.uncompressed_size, at.pos_in_zip_directory, at.num_of_file};
    if (leads_out(entry.name))
      throw IoError(path_, fmt::format("holds '{}', whose name leads out of the archive", entry.name));
    if ((info.flag & 1) != 0) throw IoError(path_, fmt::format("'{}' is encrypted", entry.name));
    if (__builtin_add_overflow(total, entry.bytes, &total) || grows_too_much(stored, total))
      throw IoError(path_,
                    fmt::format("would unpack to {} bytes up to '{}', too many for its size", total, entry.name));
    entries_.push_back(std::move(entry));
  }
}

const ZipFile::Entry* ZipFile::find(const std::string& name) const noexcept {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

void ZipFile::read(const Entry& entry, const std::function<void(std::span<const std::byte>)>& take) const {
  const auto fail = [&](const char* what) { throw IoError(path_, fmt::format("'{}' {}", entry.name, what)); };
  const unz64_file_pos at{entry.directory, entry.number};
  if (unzGoToFilePos64(handle_, &at) != UNZ_OK || unzOpenCurrentFile(handle_) != UNZ_OK)
    fail("is damaged, or packed by a method other than deflate");
  struct Close {
    void* handle;
    ~Close() {
      if (handle != nullptr) unzCloseCurrentFile(handle);
    }
  } close{handle_};
  std::vector<std::byte> buffer(std::size_t{1} << 20);
  std::uint64_t left = entry.bytes;
  for (int got = 0; (got = unzReadCurrentFile(handle_, buffer.data(), static_cast<unsigned>(buffer.size()))) != 0;) {
    if (got < 0) fail("is damaged: its packed bytes cannot be read");
    if (static_cast<std::uint64_t>(got) > left) fail("is damaged: it has more bytes than the directory says");
    left -= static_cast<std::uint64_t>(got);
    take(std::span(buffer).first(static_cast<std::size_t>(got)));
  }
  if (left != 0) fail("is cut short");
  if (unzCloseCurrentFile(std::exchange(close.handle, nullptr)) != UNZ_OK) fail("is damaged: its checksum is wrong");
}

std::vector<std::byte> ZipFile::read(const Entry& entry) const {
  std::vector<std::byte> out;
  out.reserve(entry.bytes);
  read(entry, [&](std::span<const std::byte> part) { out.insert(out.end(), part.begin(), part.end()); });
  return out;
}

}  // namespace fcngraph::import
