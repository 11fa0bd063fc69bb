// SPDX-License-Identifier: Apache-2.0
// docs/errors.md against the code and the files of mistakes.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "error_case.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

/// Every first group of the pattern in the text.
std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

/// Codes that the library can report: string literals in its sources.
std::set<std::string> codes_in_sources() {
  std::set<std::string> out;
  for (const char* folder : {"engine", "dsl", "backends", "runtime"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source_folder() / folder)) {
      if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
        out.merge(matches(text_of(entry.path()), "\"(E0[0-9]{3})\""));
    }
  }
  return out;
}

/// All that is said about the files of mistakes.
const std::set<std::string>& said() {
  static const std::set<std::string> all = [] {
    std::set<std::string> out;
    for (const auto& path : error_files()) {
      for (const auto& d : read_error_case(path).found) out.insert(shown(d));
    }
    return out;
  }();
  return all;
}

const std::string& catalogue() {
  static const std::string text = text_of(source_folder() / "docs" / "errors.md");
  return text;
}

TEST_CASE("the catalogue has every code that is reported, and no other") {
  const auto codes = codes_in_sources();
  CHECK(codes.size() > 30);
  CHECK(matches(catalogue(), "\n### (E0[0-9]{3}): [^\n]+\n") == codes);
  CHECK(matches(text_of(source_folder() / "dsl/include/fcngraph/dsl/error_codes.h"), "/// \\| (E0[0-9]{3}) \\|") ==
        codes);
}

TEST_CASE("every code is expected by a file of mistakes") {
  std::set<std::string> expected;
  for (const auto& path : error_files()) {
    for (const auto& one : read_error_case(path).expected) expected.insert(one.substr(0, 5));
  }
  CHECK(expected == codes_in_sources());
}

TEST_CASE("every code has an example, which is what the program says, and a cure") {
  std::istringstream lines(catalogue());
  std::string code, example, line;
  bool inside = false;
  std::set<std::string> shown_codes, cured;
  while (std::getline(lines, line)) {
    if (line.starts_with("### ")) code = line.substr(4, 5);
    if (line.starts_with("Cure: ")) cured.insert(code);
    if (!line.starts_with("```")) {
      if (inside) example += (example.empty() ? "" : "\n") + line;
      continue;
    }
    inside = !inside;
    if (inside || code.empty()) continue;
    CAPTURE(example);
    CHECK(example.find("[" + code + "]") != std::string::npos);
    CHECK(said().count(example) == 1);
    shown_codes.insert(code);
    example.clear();
  }
  CHECK(shown_codes == codes_in_sources());
  CHECK(cured == codes_in_sources());
}

}  // namespace
}  // namespace fcngraph::testing
