// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::cli {
namespace {

/// One pass over the words of a command line.
class Parser {
 public:
  Parser(std::span<const Option> options, std::span<const std::string> words) : options_(options), words_(words) {}

  template <class AddPositional, class AddValue>
  void run(const AddPositional& add_positional, const AddValue& add_value) {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (only_positional_ || word == "-" || !word.starts_with("-")) {
        add_positional(word);
      } else if (word == "--") {
        only_positional_ = true;
      } else {
        read_option(word, add_value);
      }
    }
  }

 private:
  const Option& find(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& option : options_) {
      if (option.name == name) return option;
      names.emplace_back(option.name);
    }
    const auto near = closest_match(name, names);
    throw UsageError(fmt::format("there is no option '--{}'{}", name,
                                 near.empty() ? "" : fmt::format(", did you mean '--{}'?", near)));
  }

  const Option& find_letter(const std::string& word) const {
    for (const auto& option : options_) {
      if (option.letter != 0 && word.size() == 2 && word[1] == option.letter) return option;
    }
    throw UsageError(fmt::format("there is no option '{}': options have two dashes", word));
  }

  bool has_value() const { return at_ < words_.size() && (words_[at_] == "-" || !words_[at_].starts_with("--")); }

  template <class AddValue>
  void read_option(const std::string& word, const AddValue& add) {
    const bool is_long = word.starts_with("--");
    const auto equals = is_long ? word.find('=') : std::string::npos;
    const Option& option =
        is_long ? find(word.substr(2, equals == std::string::npos ? equals : equals - 2)) : find_letter(word);
    const std::string name(option.name);
    if (option.arity == Arity::flag) {
      if (equals != std::string::npos) throw UsageError(fmt::format("--{} takes no value", name));
      add(option, "");
      return;
    }
    std::vector<std::string> values;
    if (equals != std::string::npos) {
      values.push_back(word.substr(equals + 1));
    } else if (has_value()) {
      values.push_back(words_[at_++]);
    }
    while (option.arity == Arity::many && has_value()) values.push_back(words_[at_++]);
    if (values.empty() || values.front().empty())
      throw UsageError(fmt::format("--{} lacks its value: --{} {}", name, name, option.value));
    for (const auto& value : values) option.arity == Arity::list ? add_list(option, value, add) : add(option, value);
  }

  template <class AddValue>
  static void add_list(const Option& option, const std::string& value, const AddValue& add) {
    for (std::size_t begin = 0; begin <= value.size();) {
      const auto end = std::min(value.find(',', begin), value.size());
      if (end == begin) throw UsageError(fmt::format("--{}: an item of '{}' is empty", option.name, value));
      add(option, value.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  std::span<const Option> options_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  bool only_positional_ = false;
};

}  // namespace

Arguments parse(std::span<const Option> options, std::span<const std::string> words) {
  Arguments out;
  const auto add = [&](const Option& option, const std::string& value) {
    if (!option.choices.empty() &&
        std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
      throw UsageError(fmt::format("--{}: '{}' is not one of {}{}", option.name, value, join(option.choices), [&] {
        const auto hint = did_you_mean(value, option.choices);
        return hint.empty() ? hint : "; " + hint;
      }()));
    }
    auto& values = out.values_[std::string(option.name)];
    if (option.arity == Arity::one && !values.empty())
      throw UsageError(fmt::format("--{} is given twice", option.name));
    values.push_back(value);
  };
  Parser(options, words).run([&](const std::string& word) { out.positional_.push_back(word); }, add);
  return out;
}

std::string Arguments::text(std::string_view name, std::string otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second.front();
}

const std::vector<std::string>& Arguments::list(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

std::optional<std::int64_t> Arguments::integer(std::string_view name, std::int64_t low, std::int64_t high) const {
  if (!has(name)) return std::nullopt;
  const auto value = text(name);
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stopped != end || number < low || number > high) {
    throw UsageError(fmt::format("--{} expects a whole number from {} to {}, got '{}'", name, low, high, value));
  }
  return number;
}

std::string help_of(std::span<const Option> options) {
  std::string out;
  for (const auto& option : options) {
    auto left = option.letter == 0 ? fmt::format("  --{}", option.name)
                                   : fmt::format("  -{}, --{}", option.letter, option.name);
    if (option.arity != Arity::flag) left += fmt::format(" {}", option.value);
    if (option.arity == Arity::many) left += "...";
    std::string right(option.help);
    if (!option.modes.empty()) right += fmt::format(" ({})", join(option.modes));
    out += left.size() < 27 ? fmt::format("{:<28}{}\n", left, right) : fmt::format("{}\n{:<28}{}\n", left, "", right);
  }
  return out;
}

}  // namespace fcngraph::cli
