// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5/object_header.h"

#include <algorithm>
#include <cstring>

namespace fcngraph::import::hdf5 {
namespace {

constexpr std::size_t kMostBlocks = 1000, kMostMessages = 100'000;
constexpr std::size_t kChecksum = 4;

class HeaderReader {
 public:
  explicit HeaderReader(const FileBytes& file) : file_(file) {}

  ObjectHeader read(std::uint64_t address) {
    const auto start = file_.at(address, 4, kWhat);
    if (std::memcmp(start.data(), "OHDR", 4) == 0) {
      read_version2(address);
    } else {
      read_version1(address);
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) {  // which grow as continuations are found
      if (blocks_.size() > kMostBlocks) file_.fail("is damaged: the header of an object has no end");
      read_block(blocks_[i]);
    }
    return std::move(header_);
  }

 private:
  static constexpr const char* kWhat = "the header of an object";

  void read_version1(std::uint64_t address) {
    Cursor cursor(file_, file_.at(address, 16, kWhat), kWhat);
    if (cursor.u8() != 1) cursor.fail();
    cursor.skip(1);
    messages_left_ = cursor.u16();
    cursor.skip(4);
    const std::uint64_t size = cursor.u32();
    blocks_.push_back(file_.at(address + 16, size, kWhat));
  }

  void read_version2(std::uint64_t address) {
    Cursor cursor(file_, file_.from(address, kWhat), kWhat);
    cursor.expect("OHDR\x02");
    version2_ = true;
    const unsigned flags = cursor.u8();
    if ((flags & 0x20u) != 0) cursor.skip(16);  // times
    if ((flags & 0x10u) != 0) cursor.skip(4);   // when attributes move elsewhere
    ordered_ = (flags & 0x04u) != 0;
    blocks_.push_back(cursor.take(cursor.number(std::size_t{1} << (flags & 3u))));
  }

  void read_block(std::span<const std::byte> bytes) {
    Cursor cursor(file_, bytes, kWhat);
    const std::size_t prefix = version2_ ? (ordered_ ? 6 : 4) : 8;
    while (cursor.left() >= prefix && (version2_ || messages_left_ > 0)) {
      const auto type = static_cast<MessageType>(version2_ ? cursor.u8() : cursor.u16());
      const std::uint64_t size = cursor.u16();
      const unsigned flags = cursor.u8();
      cursor.skip(prefix - (version2_ ? 4 : 5));
      const auto data = cursor.take(size);
      if (!version2_) --messages_left_;
      if (header_.messages.size() >= kMostMessages) cursor.fail();
      if (type == MessageType::continuation) {
        add_block(data);
      } else {
        header_.messages.push_back({type, data, (flags & 2u) != 0});
      }
    }
  }

  void add_block(std::span<const std::byte> message) {
    Cursor cursor(file_, message, kWhat);
    const std::uint64_t address = cursor.u64(), size = cursor.u64();
    auto block = file_.at(address, size, kWhat);
    if (version2_) {
      Cursor inside(file_, block, kWhat);
      inside.expect("OCHK");
      if (inside.left() < kChecksum) inside.fail();
      block = inside.take(inside.left() - kChecksum);
    }
    blocks_.push_back(block);
  }

  const FileBytes& file_;
  ObjectHeader header_;
  std::vector<std::span<const std::byte>> blocks_;
  bool version2_ = false, ordered_ = false;
  std::size_t messages_left_ = 0;  ///< of version 1, which counts them
};

}  // namespace

const Message* ObjectHeader::find(MessageType type) const noexcept {
  const auto found =
      std::find_if(messages.begin(), messages.end(), [&](const Message& message) { return message.type == type; });
  return found == messages.end() ? nullptr : &*found;
}

ObjectHeader read_header(const FileBytes& file, std::uint64_t address) { return HeaderReader(file).read(address); }

}  // namespace fcngraph::import::hdf5
