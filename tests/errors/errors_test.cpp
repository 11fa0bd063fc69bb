// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fcngraph/dsl/load.h>

namespace fs = std::filesystem;

namespace {

fs::path folder() {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "FCNGRAPH_SOURCE_DIR names the repository; ctest sets it");
  return fs::path(root) / "tests" / "errors";
}

/// What a file says about itself in comments.
struct Case {
  fcngraph::dsl::LoadOptions options;
  std::vector<std::string> expected;  ///< "E0203 38:8", or "E0203 other.toml:3:1" for another file
};

Case read_case(const fs::path& path) {
  Case out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto after = [&](const std::string& prefix) { return line.substr(prefix.size()); };
    if (line.starts_with("# expect: ")) out.expected.push_back(after("# expect: "));
    if (line.starts_with("# set: ")) out.options.set.push_back(after("# set: "));
    if (line.starts_with("# data: ")) out.options.data = after("# data: ");
  }
  return out;
}

std::string place(const fcngraph::Diagnostic& d, const fs::path& path) {
  std::string file;
  if (d.span.file && d.span.file->path != path.string()) {
    const auto& shown = d.span.file->path;
    file = (shown.starts_with("--") ? shown.substr(0, shown.find(' ')) : fs::path(shown).filename().string()) + ":";
  }
  return d.code + " " + file + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
}

}  // namespace

TEST_CASE("each file of mistakes gets exactly the diagnostics that it expects") {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder())) {
    const auto& path = entry.path();
    if (path.extension() != ".toml") continue;
    CAPTURE(path.filename().string());
    auto expected = read_case(path);
    REQUIRE_FALSE(expected.expected.empty());
    fcngraph::Diagnostics diagnostics;
    (void)fcngraph::dsl::load_model(path, expected.options, diagnostics);
    std::vector<std::string> found;
    for (const auto& d : diagnostics.all()) {
      found.push_back(place(d, path));
      CHECK_FALSE(d.message.empty());
      CHECK_FALSE(d.message.ends_with('.'));
    }
    std::sort(expected.expected.begin(), expected.expected.end());
    std::sort(found.begin(), found.end());
    INFO(fcngraph::render(diagnostics.all()));
    CHECK(found == expected.expected);
    ++files;
  }
  CHECK(files >= 25);
}

TEST_CASE("the diagnostics of a file come in the order of its lines") {
  fcngraph::Diagnostics diagnostics;
  (void)fcngraph::dsl::load_model(folder() / "unknown_references.toml", {}, diagnostics);
  REQUIRE(diagnostics.all().size() > 3);
  for (std::size_t i = 1; i < diagnostics.all().size(); ++i) {
    CHECK(diagnostics.all()[i - 1].span.line <= diagnostics.all()[i].span.line);
  }
}
