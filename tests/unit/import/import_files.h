// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <zip.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/tensor.h>

namespace fcngraph {

/// A file that make_import_fixtures.py wrote.
inline std::string fixture(const std::string& name) {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return (std::filesystem::path(root != nullptr ? root : ".") / "tests" / "fixtures" / "import" / name).string();
}

inline std::vector<float> values(const Tensor& tensor) {
  return {tensor.as<float>(), tensor.as<float>() + tensor.type.shape.elements()};
}

/// Writes an archive whose entries are packed.
inline void write_zip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& entries) {
  zipFile file = zipOpen64(path.c_str(), 0);
  for (const auto& [name, bytes] : entries) {
    const zip_fileinfo info{};
    zipOpenNewFileInZip64(file, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr, Z_DEFLATED, 9, 0);
    zipWriteInFileInZip(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    zipCloseFileInZip(file);
  }
  zipClose(file, nullptr);
}

}  // namespace fcngraph
