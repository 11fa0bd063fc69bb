// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <fcngraph/engine/error.h>
#include <fcngraph/tensor.h>

#include "atomic_file.h"
#include "mapped_file.h"
#include "npy.h"

namespace fcngraph {
namespace {

constexpr std::string_view kMagic{"\x93NUMPY", 6};
constexpr std::size_t kMaxRank = 32;  // NumPy's own limit

struct Descr {
  DType dtype;
  std::string_view text;
};
constexpr std::array kDescrs{Descr{DType::f32, "<f4"}, Descr{DType::f64, "<f8"}, Descr{DType::i32, "<i4"},
                             Descr{DType::i64, "<i8"}, Descr{DType::u8, "|u1"},  Descr{DType::f16, "<f2"}};

/// Reads the header's Python literal: a dictionary with 'descr', 'fortran_order' and 'shape', in any order and spacing.
class NpyHeader {
 public:
  NpyHeader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  TensorType parse() {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr") {
        descr(string());
      } else if (key == "fortran_order") {
        order(word());
      } else if (key == "shape") {
        shape();
      } else {
        fail(fmt::format("its header has an unknown key '{}'", key));
      }
      if (!accept(',') && peek() != '}') fail("its header is not a dictionary");
    }
    if (peek() != '\0') fail("its header goes on after the dictionary");
    if (seen_ != 7) fail("its header lacks 'descr', 'fortran_order' or 'shape'");
    return {dtype_, Shape(std::move(dims_)), {}};
  }
  /// Whether the bytes of an element stand from the highest to the lowest.
  bool swapped() const { return swapped_; }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw IoError(path_, message); }

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("its header lacks '{}' at character {}", c, at_));
  }
  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail(fmt::format("its header has no string at character {}", at_));
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("its header has a string without end");
    const std::string_view out = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return out;
  }
  std::string_view word() {
    peek();
    const std::size_t begin = at_;
    while (at_ < text_.size() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || (text_[at_] >= 'A' && text_[at_] <= 'Z')))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void descr(std::string_view text) {
    for (const auto& known : kDescrs) {
      // One byte has no order: NumPy writes '|u1' and reads '<u1' too.
      const bool one_byte = known.dtype == DType::u8;
      swapped_ = !one_byte && text.starts_with('>');
      if (text != known.text && !((one_byte || swapped_) && !text.empty() && text.substr(1) == known.text.substr(1)) &&
          !(one_byte && text == "u1"))
        continue;
      dtype_ = known.dtype;
      seen_ |= 1;
      return;
    }
    fail(fmt::format("holds elements of type '{}', expected one of f4, f8, f2, i4, i8, |u1", text));
  }
  void order(std::string_view text) {
    if (text == "True") fail("is in Fortran order, expected C order");
    if (text != "False") fail("its header's 'fortran_order' is neither True nor False");
    seen_ |= 2;
  }
  void shape() {
    expect('(');
    dims_.clear();
    while (!accept(')')) {
      if (dims_.size() == kMaxRank) fail(fmt::format("has more than {} dimensions", kMaxRank));
      dims_.push_back(number());
      if (!accept(',') && peek() != ')') fail("its header's 'shape' is not a tuple of sizes");
    }
    seen_ |= 4;
  }
  std::int64_t number() {
    std::int64_t value = 0;
    const char first = peek();
    if (first < '0' || first > '9') fail("its header's 'shape' is not a tuple of sizes");
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text_[at_] - '0', &value))
        fail("its header's 'shape' overflows");
    }
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 wrote long integers so
    return value;
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t at_ = 0;
  int seen_ = 0;
  DType dtype_ = DType::f32;
  bool swapped_ = false;
  std::vector<std::int64_t> dims_;
};

void swap_bytes(std::vector<std::byte>& data, std::size_t size) {
  for (std::size_t at = 0; at + size <= data.size(); at += size)
    std::reverse(data.begin() + static_cast<std::ptrdiff_t>(at), data.begin() + static_cast<std::ptrdiff_t>(at + size));
}

}  // namespace

Tensor load_npy(const std::string& path) {
  const MappedFile mapping(path);
  return parse_npy(mapping.bytes(), path);
}

Tensor parse_npy(std::span<const std::byte> file, const std::string& path) {
  if (file.size() < 10 || std::memcmp(file.data(), kMagic.data(), kMagic.size()) != 0)
    throw IoError(path, "is no .npy file");
  const auto major = std::to_integer<int>(file[6]);
  if (major < 1 || major > 3)
    throw IoError(path, fmt::format("is a .npy file of version {}, expected 1, 2 or 3", major));
  const std::size_t prefix = major == 1 ? 10 : 12;
  if (file.size() < prefix) throw IoError(path, "is cut short in its header");
  std::uint32_t length = 0;
  std::memcpy(&length, file.data() + 8, prefix - 8);
  if (length > file.size() - prefix) {
    throw IoError(path,
                  fmt::format("is cut short: its header says {} bytes, the file has {}", length, file.size() - prefix));
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + prefix, length);
  NpyHeader header(text, path);
  TensorType type = header.parse();
  const auto data = file.subspan(prefix + length);
  std::int64_t bytes = static_cast<std::int64_t>(size_of(type.dtype));
  for (const std::int64_t extent : type.shape.dims()) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) throw IoError(path, "its header's 'shape' overflows");
  }
  if (static_cast<std::uint64_t>(bytes) != data.size()) {
    throw IoError(
        path, fmt::format("{}: {} needs {} bytes, the file has {}",
                          static_cast<std::uint64_t>(bytes) > data.size() ? "is cut short" : "has bytes after its data",
                          to_string(type), bytes, data.size()));
  }
  Tensor tensor{std::move(type), {data.begin(), data.end()}};
  if (header.swapped()) swap_bytes(tensor.data, size_of(tensor.type.dtype));
  return tensor;
}

void save_npy(const std::string& path, const Tensor& tensor) {
  std::string_view descr;
  for (const auto& known : kDescrs) {
    if (known.dtype == tensor.type.dtype) descr = known.text;
  }
  if (descr.empty()) throw GraphError("a tensor of type " + to_string(tensor.type) + " has no form in .npy");
  std::string shape;
  for (const std::int64_t extent : tensor.type.shape.dims())
    shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
  if (tensor.type.shape.rank() == 1) shape += ",";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  const char lead[4] = {1, 0, static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  AtomicFile file(path);
  file.write(kMagic);
  file.write(std::string_view(lead, 4));
  file.write(header);
  file.write(std::span<const std::byte>(tensor.data));
  file.commit();
}

}  // namespace fcngraph
