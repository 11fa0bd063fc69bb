// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5.h"

#include <fmt/format.h>

#include "import/hdf5/attributes.h"
#include "import/hdf5/data_set.h"

namespace fcngraph::import {

using hdf5::kUndefined;

Hdf5File::Hdf5File(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string shown)
    : file_{bytes, std::move(shown), 0}, owner_(std::move(owner)) {
  constexpr unsigned kSize = 8;  // of addresses and lengths
  hdf5::Cursor cursor(file_, bytes, "its first block");
  cursor.expect("\x89HDF\r\n\x1a\n");
  const unsigned version = cursor.u8();
  if (version > 3) file_.fail(fmt::format("is HDF5 with a first block of version {}, expected at most 3", version));
  if (version < 2) cursor.skip(4);
  if (cursor.u8() != kSize || cursor.u8() != kSize) file_.fail("is HDF5 whose addresses do not have 8 bytes");
  cursor.skip(version < 2 ? 9 : 1);
  if (version == 1) cursor.skip(4);
  const std::uint64_t base = cursor.u64();
  cursor.skip(8);  // free space, or an extension
  const std::uint64_t end = cursor.u64();
  if (end > bytes.size())
    file_.fail(fmt::format("is cut short: it had {} bytes when it was written, now {}", end, bytes.size()));
  if (version < 2) cursor.skip(16);  // a driver, and the root's name
  root_ = cursor.u64();
  file_.base = base;
}

const hdf5::Links& Hdf5File::links(std::uint64_t group) const {
  const auto found = links_.find(group);
  if (found != links_.end()) return found->second;
  return links_[group] = read_links(file_, read_header(file_, group));
}

std::uint64_t Hdf5File::find(const std::string& path) const {
  std::uint64_t address = root_;
  if (path == "/") return address;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = path.find('/', begin);
    const auto& below = links(address);
    const auto found = below.find(path.substr(begin, end == std::string::npos ? end : end - begin));
    if (found == below.end()) return kUndefined;
    address = found->second;
    if (address == kUndefined)
      file_.fail(fmt::format("'{}' is a link to elsewhere, which is not followed", path.substr(0, end)));
  }
  return address;
}

hdf5::ObjectHeader Hdf5File::object(const std::string& path) const {
  const auto address = find(path);
  if (address == kUndefined) file_.fail(fmt::format("holds no '{}'", path));
  return read_header(file_, address);
}

bool Hdf5File::has(const std::string& path) const { return find(path) != kUndefined; }

bool Hdf5File::has_attribute(const std::string& path, const std::string& name) const {
  return find_attribute(file_, object(path), name).has_value();
}

std::vector<std::string> Hdf5File::strings(const std::string& path, const std::string& name) const {
  const auto attribute = find_attribute(file_, object(path), name);
  if (!attribute) file_.fail(fmt::format("'{}' has no attribute '{}'", path, name));
  return read_texts(file_, *attribute);
}

std::vector<Hdf5File::Child> Hdf5File::children(const std::string& path) const {
  const auto address = find(path);
  if (address == kUndefined) file_.fail(fmt::format("holds no '{}'", path));
  std::vector<Child> out;
  for (const auto& [name, child] : links(address)) {
    if (child != kUndefined) out.push_back({name, read_header(file_, child).is_group()});
  }
  return out;
}

Tensor Hdf5File::read(const std::string& path) const { return read_data_set(file_, object(path), path); }

}  // namespace fcngraph::import
