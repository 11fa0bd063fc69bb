// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcngraph/trainer.h>

namespace fcngraph::testing {

/// A folder that is gone after the test.
struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("fcngraph-" + name + "-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

inline std::filesystem::path graph(const std::string& name) {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return std::filesystem::path(root != nullptr ? root : ".") / "graphs" / name;
}

/// A tiny model of the repository, on few small pictures.
inline Model tiny(const std::vector<std::string>& set = {}, const std::string& name = "tiny/fcn8s.toml") {
  LoadOptions options;
  options.set = {"data.images=6",         "data.val_images=2",    "data.size=32",
                 "model.input.height=32", "model.input.width=32", "train.batch=4"};
  options.set.insert(options.set.end(), set.begin(), set.end());
  return Model::load(graph(name), options);
}

inline TrainerOptions quietly(const std::filesystem::path& out) {
  TrainerOptions options;
  options.out = out;
  options.backend = "reference";
  options.threads = 1;
  return options;
}

/// Whether two weights are the same tensors, bit for bit.
inline bool same_bits(const Weights& a, const Weights& b) {
  if (a.names() != b.names()) return false;
  for (const auto& name : a.names()) {
    const auto x = a.bytes(name), y = b.bytes(name);
    if (a.type(name) != b.type(name) || !std::equal(x.begin(), x.end(), y.begin(), y.end())) return false;
  }
  return true;
}

inline Weights last_of(const std::filesystem::path& run) {
  return Weights::load(run / "checkpoints" / "last.safetensors");
}

}  // namespace fcngraph::testing
