// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a target does with an input: read it with a reader of ours. A crash, a finding of a sanitizer, a hang or an exception that
/// the reader does not promise is a defect. Linked with libFuzzer (FCNGRAPH_FUZZ), or with replay.cpp, which runs the corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fcngraph::fuzz {

/// Inputs that are too large or too regular for a corpus: deep nesting, a million of something, sizes that overflow.
std::vector<std::string> hostile_inputs();

/// No input may take more memory than this, all of the program counted.
inline constexpr std::size_t kMostMemory = std::size_t{1} << 30U;

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

}  // namespace fcngraph::fuzz
