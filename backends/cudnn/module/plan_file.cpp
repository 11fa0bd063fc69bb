// SPDX-License-Identifier: Apache-2.0
#include "plan_file.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <optional>

namespace fcngraph::cudnn {
namespace {

constexpr char kMagic[8] = {'f', 'c', 'n', 'p', 'l', 'a', 'n', 's'};

std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3ULL;
  return hash;
}

// Numbers are little-endian, as every machine with such a GPU is.
template <class T>
void put(std::string& to, T number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}
template <class Bytes>
void put_bytes(std::string& to, const Bytes& bytes) {
  put(to, static_cast<std::uint64_t>(bytes.size()));
  to.append(bytes.begin(), bytes.end());
}

/// Takes from the front, and nothing that is not there.
class Taker {
 public:
  explicit Taker(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  bool done() const { return rest_.empty(); }
  template <class T>
  std::optional<T> number() {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    T out;
    std::memcpy(&out, rest_.data(), sizeof out);
    rest_ = rest_.subspan(sizeof out);
    return out;
  }
  std::optional<std::span<const std::uint8_t>> bytes() {
    const auto size = number<std::uint64_t>();
    if (!size || *size > rest_.size()) return std::nullopt;
    const auto out = rest_.first(*size);
    rest_ = rest_.subspan(*size);
    return out;
  }
  std::optional<std::string> text() {
    const auto out = bytes();
    if (!out) return std::nullopt;
    return std::string(out->begin(), out->end());
  }

 private:
  std::span<const std::uint8_t> rest_;
};

}  // namespace

std::vector<std::uint8_t> PlanFile::bytes() const {
  std::string out(kMagic, sizeof kMagic);
  put(out, kFormat);
  put_bytes(out, machine);
  for (const auto& [key, plan] : plans) {
    put_bytes(out, key);
    put_bytes(out, plan.bytes);
    put(out, plan.seconds);
  }
  put(out, hash_of({reinterpret_cast<const std::uint8_t*>(out.data()), out.size()}));
  return {out.begin(), out.end()};
}

PlanFile PlanFile::read(std::span<const std::uint8_t> bytes, const std::string& machine) {
  PlanFile empty, file;
  empty.machine = file.machine = machine;
  if (bytes.size() < sizeof kMagic + sizeof(std::uint64_t) || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    return empty;
  const auto body = bytes.first(bytes.size() - sizeof(std::uint64_t));
  if (Taker(bytes.subspan(body.size())).number<std::uint64_t>() != hash_of(body)) return empty;
  Taker taker(body.subspan(sizeof kMagic));
  if (taker.number<std::uint32_t>() != kFormat || taker.text() != machine) return empty;
  while (!taker.done()) {
    const auto key = taker.text();
    const auto plan = taker.bytes();
    const auto seconds = taker.number<double>();
    if (!key || !plan || !seconds) return empty;
    file.plans[*key] = {{plan->begin(), plan->end()}, *seconds};
  }
  return file;
}

std::string machine_text(const std::string& device, int compute_capability, int driver, std::size_t cudnn) {
  return device + " sm_" + std::to_string(compute_capability) + " driver " + std::to_string(driver) + " cudnn " +
         std::to_string(cudnn);
}

std::string plan_path(const std::string& folder, const std::string& machine) {
  std::string name = machine;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '.'; }, '_');
  return folder + "/" + name + ".plans";
}

}  // namespace fcngraph::cudnn
