// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "import/hdf5/bytes.h"

namespace fcngraph::import::hdf5 {

/// What an object's header consists of, by the numbers of the format.
enum class MessageType : std::uint16_t {
  data_space = 1,
  link_info = 2,
  data_type = 3,
  link = 6,
  external_files = 7,
  layout = 8,
  filters = 11,
  attribute = 12,
  continuation = 16,
  symbol_table = 17,
  attribute_info = 21
};

struct Message {
  MessageType type;
  std::span<const std::byte> bytes;
  bool shared = false;  ///< the bytes say where else the message is
};

/// A group or a data set.
struct ObjectHeader {
  std::vector<Message> messages;

  /// The first of the type, null where there is none.
  const Message* find(MessageType type) const noexcept;
  bool is_group() const noexcept { return find(MessageType::layout) == nullptr; }
};

/// Reads the header at an address, of version 1 or 2, with its continuations. Throws IoError.
ObjectHeader read_header(const FileBytes& file, std::uint64_t address);

}  // namespace fcngraph::import::hdf5
