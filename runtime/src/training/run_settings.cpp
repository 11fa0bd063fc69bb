// SPDX-License-Identifier: Apache-2.0
#include "training/run_settings.h"

#include <set>
#include <sstream>
#include <utility>

namespace fcngraph::training {
namespace {

/// Cuts "a = 1, b = [2, 3]" where no bracket or string is open.
std::vector<std::string> split_items(const std::string& text) {
  std::vector<std::string> items(1);
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) in_string = !in_string;
    if (!in_string) depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
    if (c == ',' && depth == 0 && !in_string) {
      items.emplace_back();
    } else if (!items.back().empty() || c != ' ') {
      items.back() += c;
    }
  }
  return items;
}

/// The lines of one table, whose path is known when its name was read.
class Section {
 public:
  explicit Section(std::string header) : header_(std::move(header)) {}

  void add(const std::string& line) {
    const auto equals = line.find(" = ");
    if (equals != std::string::npos) entries_.emplace_back(line.substr(0, equals), line.substr(equals + 3));
  }

  void write(std::map<std::string, std::string>& to, std::map<std::string, int>& seen) const {
    std::string path =
        header_.substr(header_.find_first_not_of('['), header_.find(']') - header_.find_first_not_of('['));
    if (header_.starts_with("[[")) path += "." + name(seen[path]++);
    for (const auto& [key, value] : entries_) put(path.empty() ? key : path + "." + key, value, to);
  }

 private:
  std::string name(int number) const {
    for (const auto& [key, value] : entries_) {
      if (key == "name" && value.size() > 2) return value.substr(1, value.size() - 2);
    }
    return std::to_string(number);
  }

  static void put(const std::string& key, const std::string& value, std::map<std::string, std::string>& to) {
    if (value.size() < 4 || value.front() != '{') {
      to[key] = value;
      return;
    }
    for (const auto& item : split_items(value.substr(2, value.size() - 4))) {
      const auto equals = item.find(" = ");
      if (equals != std::string::npos) put(key + "." + item.substr(0, equals), item.substr(equals + 3), to);
    }
  }

  std::string header_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace

std::map<std::string, std::string> settings_of(const std::string& resolved) {
  std::vector<Section> sections{Section("[]")};
  std::istringstream lines(resolved);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) {
      sections.emplace_back(line);
    } else {
      sections.back().add(line);
    }
  }
  std::map<std::string, std::string> out;
  std::map<std::string, int> seen;
  for (const auto& section : sections) section.write(out, seen);
  return out;
}

std::vector<SettingDifference> differing_settings(const std::string& resolved_a, const std::string& resolved_b) {
  const auto a = settings_of(resolved_a), b = settings_of(resolved_b);
  std::set<std::string> keys;
  for (const auto* settings : {&a, &b}) {
    for (const auto& [key, value] : *settings) keys.insert(key);
  }
  std::vector<SettingDifference> out;
  for (const auto& key : keys) {
    const auto in_a = a.find(key), in_b = b.find(key);
    SettingDifference difference{key, in_a == a.end() ? "" : in_a->second, in_b == b.end() ? "" : in_b->second};
    if (difference.a != difference.b) out.push_back(std::move(difference));
  }
  return out;
}

}  // namespace fcngraph::training
