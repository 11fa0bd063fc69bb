// SPDX-License-Identifier: Apache-2.0
#include "isa.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fcngraph::onednn {
namespace {

constexpr std::array<std::string_view, 3> kNames{"scalar", "avx2", "avx512"};

const char* asked() {
  const char* text = std::getenv("FCNGRAPH_ISA");
  return text != nullptr && *text != '\0' ? text : nullptr;
}

}  // namespace

std::optional<Isa> isa_from(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Isa>(found - kNames.begin());
}

Isa best_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return __builtin_cpu_supports("avx512f") ? Isa::avx512 : Isa::avx2;
#endif
  return Isa::scalar;
}

Isa isa_in_use() {
  const char* text = asked();
  const auto isa = text != nullptr ? isa_from(text) : std::nullopt;
  return isa ? std::min(*isa, best_isa()) : best_isa();
}

bool has_bf16() {
#if defined(__x86_64__)
  return isa_in_use() == Isa::avx512 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

std::string isa_mistake() {
  const char* text = asked();
  if (text == nullptr) return {};
  const auto isa = isa_from(text);
  if (!isa) return "FCNGRAPH_ISA: expected avx512, avx2 or scalar, got '" + std::string(text) + "'";
  if (*isa > best_isa()) return "FCNGRAPH_ISA: this machine has no " + std::string(text);
  return {};
}

}  // namespace fcngraph::onednn
