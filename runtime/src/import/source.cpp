// SPDX-License-Identifier: Apache-2.0
#include "import/source.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fcngraph::import {
namespace {

struct Alias {
  std::string_view written, variable;
};
constexpr std::array kAliases{Alias{"W", "kernel"},
                              Alias{"b", "bias"},
                              Alias{"kernel", "kernel"},
                              Alias{"bias", "bias"},
                              Alias{"gamma", "gamma"},
                              Alias{"beta", "beta"},
                              Alias{"moving_mean", "mean"},
                              Alias{"moving_variance", "variance"},
                              Alias{"depthwise_kernel", "depthwise_kernel"}};

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// TensorFlow's output number (":0"), and the "_1" of a name that was taken.
std::string_view without_number(std::string_view text, char before) {
  const auto at = text.rfind(before);
  return at != std::string_view::npos && is_digits(text.substr(at + 1)) ? text.substr(0, at) : text;
}

std::string_view known_variable(std::string_view text) {
  const auto* const found =
      std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& alias) { return alias.written == text; });
  return found == kAliases.end() ? std::string_view() : found->variable;
}

}  // namespace

VariableName split_variable(const std::string& name, const std::string& layer) {
  std::string_view last = without_number(name, ':'), before = layer;
  if (const auto slash = last.rfind('/'); slash != std::string_view::npos) {
    const std::string_view folders = last.substr(0, slash);
    before = folders.substr(folders.rfind('/') + 1);  // npos + 1 is 0
    last = last.substr(slash + 1);
  }
  if (!layer.empty() && last.size() > layer.size() + 1 && last.starts_with(layer) && last[layer.size()] == '_') {
    before = layer;
    last = last.substr(layer.size() + 1);
  }
  for (const std::string_view form : {last, without_number(last, '_')}) {
    if (const auto known = known_variable(form); !known.empty()) return {std::string(before), std::string(known)};
    for (const auto& alias : kAliases) {  // "conv1_1_W", "conv1.kernel"
      if (!before.empty() || form.size() < alias.written.size() + 2 || !form.ends_with(alias.written)) continue;
      const auto rest = form.substr(0, form.size() - alias.written.size());
      if (rest.back() == '_' || rest.back() == '.')
        return {std::string(rest.substr(0, rest.size() - 1)), std::string(alias.variable)};
    }
  }
  return {std::string(before), std::string(last)};
}

NumberedName split_number(const std::string& name) {
  constexpr std::size_t kMostDigits = 9;
  const auto at = name.find_last_not_of("0123456789");
  if (at == std::string::npos || name[at] != '_' || at + 1 == name.size() || name.size() - at > kMostDigits)
    return {name, -1};
  return {name.substr(0, at), std::stol(name.substr(at + 1))};
}

bool is_keras_kernel(const std::string& name) {
  const auto variable = split_variable(name).variable;
  return variable == "kernel" || variable == "depthwise_kernel";
}

bool grows_too_much(std::uint64_t stored, std::uint64_t claimed) noexcept {
  constexpr std::uint64_t kFactor = 100, kFree = std::uint64_t{16} << 20;
  return claimed > kFree && (claimed - kFree) / kFactor > stored;
}

}  // namespace fcngraph::import
