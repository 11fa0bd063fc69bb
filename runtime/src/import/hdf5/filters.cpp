// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/filters.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kChecksum = 4;

/// Fletcher's checksum over big-endian pairs of bytes, as HDF5 writes it.
std::uint32_t fletcher32(std::span<const std::byte> bytes) {
  std::uint64_t low = 0, high = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto first = std::to_integer<std::uint64_t>(bytes[i]);
    const auto second = i + 1 < bytes.size() ? std::to_integer<std::uint64_t>(bytes[i + 1]) : 0;
    low = (low + (first << 8 | second)) % 65535;
    high = (high + low) % 65535;
  }
  return static_cast<std::uint32_t>(high << 16 | low);
}

/// What a sum is modulo 65535, where 0 and 65535 are the same.
std::uint32_t reduced(std::uint32_t sum) { return (sum >> 16) % 65535 << 16 | (sum & 0xffffu) % 65535; }

std::vector<std::byte> inflated(std::span<const std::byte> packed, std::size_t most) {
  std::vector<std::byte> out(most);
  uLongf size = most;
  const int status = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(packed.data()), packed.size());
  out.resize(status == Z_OK ? size : 0);
  return out;
}

/// Byte k of all elements was stored behind byte k - 1 of all.
std::vector<std::byte> unshuffled(std::span<const std::byte> bytes, std::size_t element) {
  const std::size_t count = bytes.size() / element;
  std::vector<std::byte> out(bytes.begin(), bytes.end());  // what makes no whole element was left where it was
  for (std::size_t k = 0; k < element; ++k) {
    for (std::size_t i = 0; i < count; ++i) out[i * element + k] = bytes[k * count + i];
  }
  return out;
}

}  // namespace

std::vector<Filter> read_filters(const FileBytes& file, std::span<const std::byte> message, const std::string& path) {
  constexpr unsigned kFirstWithName = 256;
  Cursor cursor(file, message, "the filters of a data set");
  const unsigned version = cursor.u8(), count = cursor.u8();
  if (version != 1 && version != 2) cursor.fail();
  if (version == 1) cursor.skip(6);
  std::vector<Filter> out;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned id = cursor.u16();
    const std::size_t name = version == 1 || id >= kFirstWithName ? cursor.u16() : 0;
    cursor.skip(2);
    const std::size_t values = cursor.u16();
    cursor.skip(name + 4 * (values + (version == 1 ? values % 2 : 0)));
    if (id < 1 || id > 3)
      file.fail(fmt::format("'{}' is packed by filter {} of HDF5: save it with gzip or as it is", path, id));
    out.push_back(static_cast<Filter>(id));
  }
  return out;
}

std::vector<std::byte> undo_filters(const FileBytes& file, const std::vector<Filter>& filters, std::uint32_t skipped,
                                    std::span<const std::byte> chunk, std::size_t size, std::size_t element,
                                    const std::string& path) {
  const auto fail = [&](const char* what) { file.fail(fmt::format("'{}' is damaged: {}", path, what)); };
  std::vector<std::byte> out(chunk.begin(), chunk.end());
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (i < 32 && (skipped >> i & 1u) != 0) continue;
    if (filters[i] == Filter::deflate) {
      out = inflated(out, size + kChecksum * filters.size());
      if (out.empty()) fail("its packed bytes cannot be read");
    } else if (filters[i] == Filter::shuffle) {
      out = unshuffled(out, element);
    } else {
      if (out.size() < kChecksum) fail("its checksum is missing");
      Cursor sum(file, std::span(out).last(kChecksum), "a checksum");
      const std::uint32_t expected = sum.u32();
      out.resize(out.size() - kChecksum);
      if (reduced(fletcher32(out)) != reduced(expected)) fail("its checksum is wrong");
    }
  }
  if (out.size() != size) fail("a part of it has the wrong size");
  return out;
}

}  // namespace fcngraph::import::hdf5
