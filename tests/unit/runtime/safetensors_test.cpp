// SPDX-License-Identifier: Apache-2.0
#include "safetensors.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/weights.h>
#include <array>
#include <cstring>

#include "temporary_folder.h"

namespace fcngraph {
namespace {

std::string file_of(const std::string& header, std::size_t data_bytes) {
  std::string file(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  return file + header + std::string(data_bytes, '\x01');
}

std::string refusal(const std::string& file) {
  return message_of<IoError>([&] { (void)read_safetensors(std::as_bytes(std::span(file)), "x.safetensors"); });
}

TEST_CASE("a header is read as it stands") {
  const std::string file = file_of(
      R"({"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},)"
      R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"e":{"dtype":"U8","shape":[0],"data_offsets":[28,28]}}   )",
      28);
  const auto header = read_safetensors(std::as_bytes(std::span(file)), "x");
  CHECK_EQ(header.entries.size(), 3);
  CHECK_EQ(header.entries.at("w").type, TensorType{DType::f32, {2, 3}, {}});
  CHECK_EQ(header.entries.at("w").begin, 4);
  CHECK_EQ(header.entries.at("b").type.dtype, DType::bf16);
  CHECK_EQ(header.metadata.at("a"), "b");
  CHECK_EQ(header.data_offset + 28, file.size());
}

TEST_CASE("every lie of a header is refused in words") {
  struct Lie {
    const char* header;
    std::size_t bytes;
    const char* says;
  };
  constexpr std::array kLies{
      Lie{"[]", 0, "not a JSON object"},
      Lie{"{", 0, "not a JSON object"},
      Lie{"{} x", 0, "not a JSON object"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
          4, "names 'w' twice"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})", 4, "names 'shape' twice"},
      Lie{R"({"w":{"dtype":"F32","shape":[[[[1]]]],"data_offsets":[0,4]}})", 4, "nests too deeply"},
      Lie{R"({"w":{"dtype":"F8","shape":[1],"data_offsets":[0,4]}})", 4, "dtype 'F8'"},
      Lie{R"({"w":{"shape":[1],"data_offsets":[0,4]}})", 4, "no 'dtype'"},
      Lie{R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", 4, "no list 'shape'"},
      Lie{R"({"w":{"dtype":"F32","shape":[1]}})", 4, "no list 'data_offsets'"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "no [begin, end]"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "no [begin, end]"},
      Lie{R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "something else than sizes"},
      Lie{R"({"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "something else than sizes"},
      Lie{R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "needs 8 bytes, its offsets give it 4"},
      Lie{R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0, "too many bytes"},
      Lie{R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4, "cut short: tensor 'w' ends at byte 8"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5, "take 4 bytes, the file has 5"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "leaves a gap"},
      Lie{R"({"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
          6, "overlaps"},
      Lie{R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4, "unknown key 'more'"},
      Lie{R"({"w":3})", 0, "not an object"},
      Lie{R"({"__metadata__":{"a":1}})", 0, "'a' is not a string"},
      Lie{R"({"__metadata__":[]})", 0, "not an object"},
      Lie{R"({"__metadata__":{"format_version":"2"}})", 0, "format version 2, this library reads up to 1"},
      Lie{R"({"__metadata__":{"format_version":"x"}})", 0, "expected a number"},
  };
  for (const Lie& lie : kLies) {
    CAPTURE(lie.header);
    const std::string message = refusal(file_of(lie.header, lie.bytes));
    CHECK_MESSAGE(says(message, lie.says), message);
    CHECK(says(message, "x.safetensors"));
  }
}

TEST_CASE("a length that lies is refused before memory is asked for") {
  std::string file = file_of("{}", 0);
  for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{99'999'999}}) {
    std::memcpy(file.data(), &length, 8);
    CHECK(says(refusal(file), "cut short"));
  }
  const std::uint64_t huge = ~std::uint64_t{0};
  std::memcpy(file.data(), &huge, 8);
  CHECK(says(refusal(file), "more than the limit"));
  CHECK(says(refusal(""), "is empty"));
  CHECK(says(refusal("abc"), "cut short"));
  CHECK(says(refusal(file_of(std::string(1'000'000, '['), 0)), "header"));
}

TEST_CASE("a file cut at any length is refused") {
  const TemporaryFolder folder;
  Weights weights;
  weights.set("a.weight", {{DType::f32, {3, 5}, {}}, std::vector<std::byte>(60)});
  weights.set("b", {{DType::u8, {7}, {}}, std::vector<std::byte>(7)});
  weights.save(folder / "w.safetensors");
  const std::string whole = TemporaryFolder::read(folder / "w.safetensors");
  REQUIRE_EQ(refusal(whole), "");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_NE(refusal(whole.substr(0, length)), "");
  }
}

}  // namespace
}  // namespace fcngraph
