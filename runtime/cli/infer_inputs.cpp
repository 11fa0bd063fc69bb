// SPDX-License-Identifier: Apache-2.0
#include "infer_inputs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "arguments.h"

namespace fcngraph::cli {
namespace {

namespace fs = std::filesystem;

std::string lower_extension(const fs::path& path) {
  std::string out = path.extension().string();
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool looks_readable(const fs::path& path) {
  static constexpr std::array kExtensions = {".png", ".jpg", ".jpeg", ".bmp", ".npy"};
  const auto extension = lower_extension(path);
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && looks_readable(entry.path())) files.push_back(entry.path());
  }
  if (files.empty()) throw UsageError(fmt::format("folder '{}' has no .png, .jpg, .bmp or .npy file", folder.string()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<InferInput> list_inputs(const std::vector<std::string>& paths) {
  std::vector<InferInput> inputs;
  std::set<std::string> taken;
  const auto add = [&](const fs::path& path) {
    const std::string name = path == "-" ? "stdin" : path.stem().string();
    std::string stem = name;
    for (int n = 2; !taken.insert(stem).second; ++n) stem = fmt::format("{}-{}", name, n);
    inputs.push_back({path.string(), stem, lower_extension(path) == ".npy"});
  };
  for (const auto& path : paths) {
    if (path != "-" && fs::is_directory(path)) {
      for (const auto& file : files_of(path)) add(file);
    } else {
      add(path);
    }
  }
  if (std::count(paths.begin(), paths.end(), "-") > 1)
    throw UsageError("--input: '-' is given twice, there is one image on stdin");
  return inputs;
}

}  // namespace fcngraph::cli
