// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/attrs.h>

#include <charconv>
#include <cmath>

namespace fcngraph {
namespace {

std::string print(double value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  (void)error;
  std::string out(text, end);
  // A double keeps looking like one, so that it parses back as one.
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

template <class T, class Print>
std::string print_list(const std::vector<T>& values, Print print_one) {
  std::string out = "[";
  for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? ", " : "") + print_one(values[i]);
  return out + "]";
}

struct Printer {
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return print(v); }
  std::string operator()(const std::string& v) const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : v) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (c == '\n' || c == '\t' || c == '\r') {
        out += {'\\', c == '\n' ? 'n' : c == '\t' ? 't' : 'r'};
      } else if (byte < 0x20 || byte == 0x7f) {
        out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
      } else {
        out += c;
      }
    }
    return out + "\"";
  }
  std::string operator()(const std::vector<std::int64_t>& v) const {
    return print_list(v, [](std::int64_t x) { return std::to_string(x); });
  }
  std::string operator()(const std::vector<double>& v) const { return print_list(v, print); }
};

}  // namespace

std::string to_string(const AttrValue& value) { return std::visit(Printer{}, value); }

namespace attrs_impl {

void report_unknown(const AttrMap& map, const AttrSpans& spans, const SourceSpan& whole, const std::string& who,
                    const std::vector<std::string>& known, Diagnostics& diagnostics) {
  for (const auto& [key, value] : map) {
    bool found = false;
    for (const auto& k : known) found = found || k == key;
    if (found) continue;
    const auto span = spans.find(key);
    std::vector<std::string> notes;
    if (!known.empty()) notes.push_back("keys known here: " + join(known));
    diagnostics.error("E0105", span == spans.end() ? whole : span->second, who + " has no key '" + key + "'",
                      did_you_mean(key, known), notes);
  }
}

void report_type(const std::string& who, const AttrDoc& wanted, const AttrValue& got, const SourceSpan& span,
                 Diagnostics& diagnostics) {
  const auto* word = std::get_if<std::string>(&got);
  diagnostics.error(word != nullptr && !wanted.choices.empty() ? "E0109" : "E0106", span,
                    "'" + wanted.name + "' of " + who + ": expected " + wanted.type + ", got " + to_string(got),
                    word != nullptr ? did_you_mean(*word, wanted.choices) : std::string());
}

}  // namespace attrs_impl
}  // namespace fcngraph
