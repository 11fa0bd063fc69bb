// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <fcngraph/dsl/load.h>

namespace dsl_test {

inline std::filesystem::path graphs() {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "FCNGRAPH_SOURCE_DIR names the repository; ctest sets it");
  return std::filesystem::path(root) / "graphs";
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

/// Loads a text whose relative paths start at graphs/.
inline fcngraph::dsl::ModelSpec load(const std::string& text, fcngraph::Diagnostics& diagnostics,
                                     const fcngraph::dsl::LoadOptions& options = {}) {
  return fcngraph::dsl::load_model_text(text, "model.toml", graphs(), options, diagnostics);
}

/// The same for a text that must have no mistakes.
inline fcngraph::dsl::ModelSpec load_good(const std::string& text, const fcngraph::dsl::LoadOptions& options = {}) {
  fcngraph::Diagnostics diagnostics;
  auto spec = load(text, diagnostics, options);
  INFO(fcngraph::render(diagnostics.all()));
  CHECK(diagnostics.all().empty());
  return spec;
}

inline fcngraph::dsl::ModelSpec load_file(const std::string& name, const fcngraph::dsl::LoadOptions& options = {}) {
  fcngraph::Diagnostics diagnostics;
  auto spec = fcngraph::dsl::load_model(graphs() / name, options, diagnostics);
  INFO(fcngraph::render(diagnostics.all()));
  CHECK(diagnostics.all().empty());
  return spec;
}

/// A folder that is gone when the test is over.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(std::filesystem::temp_directory_path() / ("fcngraph_" + name)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace dsl_test
