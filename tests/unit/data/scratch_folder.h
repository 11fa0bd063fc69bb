// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fcngraph/engine/error.h>

/// A fresh folder that is removed with all that a test wrote into it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fcngraph_data_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw fcngraph::IoError(pattern, "cannot create");
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path() const { return path_.string(); }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

  /// Writes bytes as they are, creating folders on the way.
  std::string put(std::string_view name, std::string_view bytes) const {
    const auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  static std::string get(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

/// What `action` says when it fails, or empty.
template <typename Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const fcngraph::Error& error) {
    return error.what();
  }
  return {};
}

inline bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
