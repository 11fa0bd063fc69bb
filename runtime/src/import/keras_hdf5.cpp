// SPDX-License-Identifier: Apache-2.0
#include "import/keras_hdf5.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include <fcngraph/engine/error.h>

#include "import/zip.h"

namespace fcngraph::import {
namespace {

constexpr int kDeepest = 32;  // models in models; hard links may form a loop
const std::string kArchived = "model.weights.h5";

/// Where the legacy attributes are: at the root, or below it in a file that holds a whole model. Empty: nowhere.
std::string legacy_root(const Hdf5File& file) {
  const auto lists = [&](const std::string& path) {
    return file.has_attribute(path, "layer_names") || file.has_attribute(path, "layer_names0");
  };
  if (lists("/")) return "/";
  return file.has("model_weights") && lists("model_weights") ? "model_weights" : "";
}

std::string join_path(const std::string& folder, const std::string& name) {
  return folder == "/" ? name : folder + "/" + name;
}

/// A list that Keras has cut into `name0`, `name1`, ... where it exceeds the 64 KiB of an attribute.
std::vector<std::string> long_list(const Hdf5File& file, const std::string& path, const std::string& name) {
  if (file.has_attribute(path, name)) return file.strings(path, name);
  std::vector<std::string> out;
  for (int i = 0; file.has_attribute(path, name + std::to_string(i)); ++i) {
    const auto part = file.strings(path, name + std::to_string(i));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

SourceTensor tensor_at(const std::shared_ptr<const Hdf5File>& file, const std::string& path, VariableName name) {
  return {path, std::move(name.layer), std::move(name.variable), [file, path] { return file->read(path); }};
}

/// A nested model is one layer whose weights have the names of its layers. A plain layer's own name counts instead: what its weights
/// are called may be older ("conv2d_1/kernel:0" in "conv2d").
bool is_nested(const std::vector<std::string>& weights, const std::string& layer) {
  std::set<std::string> seen;
  return !std::all_of(weights.begin(), weights.end(), [&](const std::string& weight) {
    return seen.insert(split_variable(weight, layer).variable).second;
  });
}

Source list_legacy(const std::shared_ptr<const Hdf5File>& file) {
  const std::string root = legacy_root(*file);
  Source source;
  for (const std::string& layer : long_list(*file, root, "layer_names")) {
    const std::string group = join_path(root, layer);
    if (!file->has(group)) throw IoError(file->shown(), fmt::format("lists layer '{}', but does not hold it", layer));
    const auto weights = long_list(*file, group, "weight_names");
    const bool nested = is_nested(weights, layer);
    for (const std::string& weight : weights) {
      if (!file->has(join_path(group, weight)))
        throw IoError(file->shown(),
                      fmt::format("layer '{}' lists '{}', but the file does not hold it", layer, weight));
      VariableName name = split_variable(weight, layer);
      if (!nested) name.layer = layer;
      source.push_back(tensor_at(file, join_path(group, weight), std::move(name)));
    }
  }
  return source;
}

/// "conv2d_10" after "conv2d_9": the name, then the number; a name without number is the first.
std::pair<std::string, long> numbered(const std::string& name) {
  const auto at = name.find_last_not_of("0123456789");
  if (at == std::string::npos || name[at] != '_' || at + 1 == name.size() || name.size() - at > 9) return {name, -1};
  return {name.substr(0, at), std::stol(name.substr(at + 1))};
}

/// What the variables of a Keras 3 layer are called: its group says the class, a variable has but a number.
std::string variable_of(const std::string& layer_class, std::size_t count, std::size_t index) {
  static constexpr std::array<const char*, 4> kBatchNorm{"gamma", "beta", "mean", "variance"};
  if (layer_class == "batch_normalization") return count == 4 && index < 4 ? kBatchNorm[index] : "";
  if (index == 1) return "bias";
  if (index != 0) return "";
  if (layer_class == "depthwise_conv2d") return "depthwise_kernel";
  return layer_class == "conv2d" || layer_class == "dense" ? "kernel" : "";
}

class Keras3Lister {
 public:
  explicit Keras3Lister(std::shared_ptr<const Hdf5File> file) : file_(std::move(file)) {}

  Source run() {
    walk("/", 0);
    return std::move(source_);
  }

 private:
  void walk(const std::string& group, int depth) {
    if (depth > kDeepest) throw IoError(file_->shown(), fmt::format("'{}' is nested too deeply", group));
    auto children = file_->children(group);
    std::stable_sort(children.begin(), children.end(),
                     [](const auto& a, const auto& b) { return numbered(a.name) < numbered(b.name); });
    for (const auto& child : children) {
      // The optimiser's moments and the states of random generators are no layers.
      if (!child.is_group || child.name == "optimizer" || child.name == "seed_generator" || child.name == "metrics")
        continue;
      const std::string path = join_path(group, child.name);
      if (child.name == "vars") {
        add_layer(group, path);
      } else {
        walk(path, depth + 1);
      }
    }
  }

  void add_layer(const std::string& group, const std::string& path) {
    auto variables = file_->children(path);
    std::sort(variables.begin(), variables.end(), [](const auto& a, const auto& b) {
      return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
    });
    if (variables.empty()) return;
    const std::string own = group.substr(group.rfind('/') + 1);
    std::string name = own;
    if (file_->has_attribute(path, "name")) {
      if (const auto names = file_->strings(path, "name"); names.size() == 1) name = names[0];
    }
    for (std::size_t i = 0; i < variables.size(); ++i) {
      const std::string at = join_path(path, variables[i].name);
      source_.push_back(tensor_at(file_, at, {name, variable_of(numbered(own).first, variables.size(), i)}));
    }
  }

  std::shared_ptr<const Hdf5File> file_;
  Source source_;
};

/// A file that is gone with the object, but not for those who have it open.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& archive)
      : archive_(archive), path_((std::filesystem::temp_directory_path() / "fcngraph-XXXXXX").string()) {
    descriptor_ = ::mkstemp(path_.data());
    if (descriptor_ < 0) fail();
  }
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto done = ::write(descriptor_, bytes.data(), bytes.size());
      if (done < 0 && errno != EINTR) fail();
      if (done > 0) bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw IoError(archive_,
                  fmt::format("cannot be unpacked to '{}': {}", path_, std::generic_category().message(errno)));
  }
  const std::string& archive_;
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace

KerasForm keras_form(const Hdf5File& file) {
  if (!legacy_root(file).empty()) return KerasForm::legacy;
  if (file.has("layers") || file.has("_layer_checkpoint_dependencies")) return KerasForm::keras3;
  throw IoError(file.shown(), "is HDF5, but not of Keras: it has neither 'layer_names' nor a group 'layers'");
}

Source list_keras(const std::shared_ptr<const Hdf5File>& file, KerasForm form) {
  return form == KerasForm::legacy ? list_legacy(file) : Keras3Lister(file).run();
}

std::shared_ptr<const Hdf5File> open_keras_archive(const std::string& path) {
  const ZipFile archive(path);
  const auto* const entry = archive.find(kArchived);
  if (entry == nullptr) throw IoError(path, fmt::format("holds no '{}'", kArchived));
  TemporaryFile unpacked(path);  // the library reads files, and copies what it is given in memory more than once
  archive.read(*entry, [&](std::span<const std::byte> part) { unpacked.write(part); });
  return std::make_shared<const Hdf5File>(unpacked.path(), path);
}

}  // namespace fcngraph::import
