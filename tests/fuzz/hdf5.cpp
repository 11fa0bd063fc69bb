// SPDX-License-Identifier: Apache-2.0
// An HDF5 file with the weights of a Keras model.
#include <fcngraph/engine/error.h>

#include "import/keras_hdf5.h"
#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto file = std::make_shared<const import::Hdf5File>(bytes, nullptr, "fuzz.h5");
    for (const auto& tensor : import::is_legacy(*file) ? import::list_legacy(file) : import::list_keras3(file)) {
      try {
        (void)tensor.read();
      } catch (const IoError&) {  // the others may be whole
      }
    }
  } catch (const IoError&) {  // what it promises to throw
  }
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  // A first block of version 2 whose root is the object header that follows, at byte 48.
  const auto number = [](std::uint64_t value, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255U);
    return out;
  };
  const auto file = [&](const std::string& messages) {
    const std::string header = std::string("OHDR\x02\x02", 6) + number(messages.size(), 4) + messages;
    return std::string("\x89HDF\r\n\x1a\n\x02\x08\x08\x00", 12) + number(0, 8) + number(~0ULL, 8) +
           number(48 + header.size(), 8) + number(48, 8) + number(0, 4) + header;
  };
  const auto message = [&](int type, const std::string& data) {
    return number(static_cast<std::uint64_t>(type), 1) + number(data.size(), 2) + number(0, 1) + data;
  };
  const auto link = [&](const std::string& name) {  // to the root itself
    return message(6, std::string("\x01\x00", 2) + number(name.size(), 1) + name + number(48, 8));
  };
  std::string loops;
  for (char name = 'a'; name <= 'z'; ++name) loops += link(std::string(1, name));
  std::string itself;
  for (int i = 0; i < 1000; ++i) itself += message(16, number(48, 8) + number(1000, 8));
  return {file(loops), file(itself), file(link("vars") + loops),
          file(repeat(message(12, std::string(60'000, '\x01')), 100)), file(repeat(message(0, ""), 1'000'000))};
}
