// SPDX-License-Identifier: Apache-2.0
#include "safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>

#include "atomic_file.h"

namespace fcngraph {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the format's own reader
constexpr std::size_t kMaxDepth = 3;               // root, tensor, list
constexpr std::size_t kMaxRank = 16;

struct DTypeName {
  DType dtype;
  const char* name;
};
constexpr std::array kDTypeNames{DTypeName{DType::f32, "F32"}, DTypeName{DType::f64, "F64"},
                                 DTypeName{DType::f16, "F16"}, DTypeName{DType::bf16, "BF16"},
                                 DTypeName{DType::i32, "I32"}, DTypeName{DType::i64, "I64"},
                                 DTypeName{DType::u8, "U8"}};

/// Looks for what the library's parser would let pass: depth, and keys that occur twice. (Its own callbacks take time in proportion
/// to the square of the number of tensors.)
class HeaderCheck final : public nlohmann::json_sax<Json> {
 public:
  std::string mistake;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    mistake = fmt::format("names '{}' twice", name);
    return false;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    mistake = "is not a JSON object";
    return false;
  }

 private:
  bool open() {
    keys_.emplace_back();
    if (keys_.size() > kMaxDepth) mistake = "nests too deeply";
    return mistake.empty();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;
};

Json parse_header(std::string_view text, std::string& mistake) {
  HeaderCheck check;
  // Both walks are without recursion, so a deep text costs memory in proportion to its length only.
  if (!Json::sax_parse(text.begin(), text.end(), &check)) {
    mistake = check.mistake;
    return {};
  }
  Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) mistake = "is not a JSON object";
  return json;
}

class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> file, const std::string& path) : file_(file), path_(path) {}

  SafetensorsHeader run() {
    const std::string_view text = header_text();
    std::string mistake;
    const Json json = parse_header(text, mistake);
    if (!mistake.empty()) fail("its header " + mistake);
    for (const auto& [name, value] : json.items()) {
      if (name == "__metadata__") {
        read_metadata(value);
      } else {
        read_entry(name, value);
      }
    }
    check_cover();
    check_version();
    return std::move(header_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw IoError(path_, message); }

  std::string_view header_text() {
    if (file_.empty()) fail("is empty, expected a safetensors file");
    if (file_.size() < 8) fail(fmt::format("is cut short: {} bytes, expected at least 8", file_.size()));
    std::uint64_t length = 0;
    std::memcpy(&length, file_.data(), 8);
    if (length > kMaxHeader) {
      fail(fmt::format("is no safetensors file: its header would have {} bytes, more than the limit of {}", length,
                       kMaxHeader));
    }
    if (length > file_.size() - 8) {
      fail(fmt::format("is cut short: its header says {} bytes, the file has {} after the length", length,
                       file_.size() - 8));
    }
    header_.data_offset = 8 + static_cast<std::size_t>(length);
    return {reinterpret_cast<const char*>(file_.data()) + 8, static_cast<std::size_t>(length)};
  }

  void read_metadata(const Json& value) {
    if (!value.is_object()) fail("its header's '__metadata__' is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("its metadata '{}' is not a string", key));
      header_.metadata[key] = text.get<std::string>();
    }
  }

  void read_entry(const std::string& name, const Json& value) {
    if (!value.is_object()) fail(fmt::format("tensor '{}' is not an object", name));
    for (const auto& [key, unused] : value.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets")
        fail(fmt::format("tensor '{}' has an unknown key '{}'", name, key));
    }
    SafetensorsHeader::Entry entry;
    entry.type.dtype = read_dtype(name, value);
    const std::vector<std::uint64_t> shape = read_numbers(name, value, "shape");
    if (shape.size() > kMaxRank)
      fail(fmt::format("tensor '{}' has {} dimensions, more than {}", name, shape.size(), kMaxRank));
    entry.type.shape = Shape(std::vector<std::int64_t>(shape.begin(), shape.end()));
    const std::vector<std::uint64_t> offsets = read_numbers(name, value, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail(fmt::format("tensor '{}' has no [begin, end] as 'data_offsets'", name));
    entry.begin = offsets[0];
    entry.end = offsets[1];
    const std::uint64_t available = file_.size() - header_.data_offset;
    if (entry.end > available) {
      fail(fmt::format("is cut short: tensor '{}' ends at byte {} of the data, the file has {}", name, entry.end,
                       available));
    }
    std::uint64_t bytes = size_of(entry.type.dtype);
    bool overflow = false;
    for (const std::uint64_t extent : shape) overflow = __builtin_mul_overflow(bytes, extent, &bytes) || overflow;
    if (overflow || bytes != entry.end - entry.begin) {
      fail(fmt::format("tensor '{}': {} needs {} bytes, its offsets give it {}", name, to_string(entry.type),
                       overflow ? std::string("too many") : std::to_string(bytes), entry.end - entry.begin));
    }
    header_.entries.emplace(name, std::move(entry));
  }

  DType read_dtype(const std::string& name, const Json& value) const {
    const auto found = value.find("dtype");
    if (found == value.end() || !found->is_string()) fail(fmt::format("tensor '{}' has no 'dtype'", name));
    const auto text = found->get<std::string>();
    for (const auto& known : kDTypeNames) {
      if (text == known.name) return known.dtype;
    }
    fail(fmt::format("tensor '{}' has dtype '{}', expected one of F32, F64, F16, BF16, I32, I64, U8", name, text));
  }

  std::vector<std::uint64_t> read_numbers(const std::string& name, const Json& value, const char* key) const {
    const auto found = value.find(key);
    if (found == value.end() || !found->is_array()) fail(fmt::format("tensor '{}' has no list '{}'", name, key));
    std::vector<std::uint64_t> numbers;
    for (const Json& item : *found) {
      if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::uint64_t{1} << 62) {
        fail(fmt::format("tensor '{}': '{}' holds something else than sizes", name, key));
      }
      numbers.push_back(item.get<std::uint64_t>());
    }
    return numbers;
  }

  void check_cover() const {
    std::vector<std::pair<const SafetensorsHeader::Entry*, const std::string*>> order;
    for (const auto& [name, entry] : header_.entries) order.emplace_back(&entry, &name);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first->begin, a.first->end) < std::pair(b.first->begin, b.first->end);
    });
    std::uint64_t at = 0;
    for (const auto& [entry, name] : order) {
      if (entry->begin != at) {
        fail(fmt::format("tensor '{}' {} at byte {} of the data, expected {}", *name,
                         entry->begin < at ? "overlaps another: it begins" : "leaves a gap: it begins", entry->begin,
                         at));
      }
      at = entry->end;
    }
    const std::uint64_t available = file_.size() - header_.data_offset;
    if (at != available) fail(fmt::format("its tensors take {} bytes, the file has {}", at, available));
  }

  void check_version() const {
    const auto found = header_.metadata.find("format_version");
    if (found == header_.metadata.end()) return;  // a file of others
    const std::string& text = found->second;
    const bool number = !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) fail(fmt::format("its 'format_version' is '{}', expected a number", text));
    if (std::stoi(text) > kWeightsFormatVersion) {
      fail(fmt::format("has format version {}, this library reads up to {}: use a newer one", text,
                       kWeightsFormatVersion));
    }
  }

  std::span<const std::byte> file_;
  const std::string& path_;
  SafetensorsHeader header_;
};

}  // namespace

SafetensorsHeader read_safetensors(std::span<const std::byte> file, const std::string& path) {
  return HeaderReader(file, path).run();
}

void write_safetensors(const std::string& path, const std::vector<SafetensorsTensor>& tensors,
                       const std::map<std::string, std::string>& metadata, bool durable) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  nlohmann::ordered_json& texts = header["__metadata__"] = nlohmann::ordered_json::object();
  for (const auto& [key, text] : metadata) texts[key] = text;
  texts["format_version"] = std::to_string(kWeightsFormatVersion);
  std::uint64_t at = 0;
  for (const auto& tensor : tensors) {
    const auto* name = std::find_if(kDTypeNames.begin(), kDTypeNames.end(),
                                    [&](const auto& d) { return d.dtype == tensor.type.dtype; });
    const auto dims = tensor.type.shape.dims();
    header[tensor.name] = {{"dtype", name->name},
                           {"shape", std::vector<std::int64_t>(dims.begin(), dims.end())},
                           {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw IoError(path, "a name or text in it is not UTF-8");
  }
  // Spaces, so that the data starts at a multiple of 64 bytes: a mapping of it then suits any kernel.
  text.append((64 - (8 + text.size()) % 64) % 64, ' ');
  const auto length = static_cast<std::uint64_t>(text.size());
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(text);
  for (const auto& tensor : tensors) file.write(tensor.bytes);
  file.commit(durable);
}

}  // namespace fcngraph
