// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file.
#include <fcngraph/engine/error.h>

#include "safetensors.h"
#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)read_safetensors({reinterpret_cast<const std::byte*>(data), size}, "fuzz.safetensors");
  } catch (const IoError&) {  // what it promises to throw
  }
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const auto file = [](const std::string& header) {
    std::string out;
    for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8U * static_cast<unsigned>(i)) & 255U);
    return out + header;
  };
  std::string many = "{";
  for (int i = 0; i < 200000; ++i)
    many += "\"t" + std::to_string(i) + R"(": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}, )";
  return {
      file(repeat("[", 1000000)),
      file("{\"a\": " + repeat("{\"a\": ", 1000000)),
      file(many + "\"__metadata__\": {}}"),
      file(R"({"t": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}})"),
      file(R"({"t": {"dtype": "F32", "shape": [1], "data_offsets": [18446744073709551612, 0]}})"),
      file(R"({"t": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}})"),
      std::string(7, '\xff'),
      std::string(8, '\xff') + "{}",
  };
}
