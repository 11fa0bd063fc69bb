// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/tensor.h>

namespace fcngraph {

class MappedFile;

/// How a tensor came out of a file of another layout, in words; both are empty where it was stored as it is.
struct TensorOrigin {
  std::string text;       ///< "from 'fc1/fc1_W_1:0', as (7, 7, 512, 4096), flattened in the order H, W, C"
  bool reshaped = false;  ///< a fully connected kernel that has become a convolution
};

/// Named tensors with text metadata: parameters `<layer>.weight` (OIHW), `<layer>.bias`, states, moments.
/// A file is opened by mmap; tensors are read from the mapping when they are needed.
class FCNGRAPH_API Weights {
 public:
  Weights();
  Weights(const Weights&);
  Weights(Weights&&) noexcept;
  Weights& operator=(Weights) noexcept;
  ~Weights();

  /// A safetensors file (by mmap), a run's folder (its best checkpoint and the frozen tensors that it refers to), or what
  /// import_weights reads. Throws IoError for a file that is missing, cut short, whose header lies about its length or offsets,
  /// or that holds a dtype we do not read.
  static Weights load(const std::filesystem::path& path);
  /// The same for safetensors and runs alone: names, shapes and numbers as they are.
  static Weights map(const std::filesystem::path& path);
  /// Writes safetensors atomically (temporary file, fsync, rename); throws IoError and leaves an existing file alone.
  void save(const std::filesystem::path& path) const;

  bool contains(const std::string& name) const;
  std::vector<std::string> names() const;
  /// dtype and shape without reading the data.
  TensorType type(const std::string& name) const;
  /// Bytes in plain layout; points into the mapping or into a tensor held here.
  std::span<const std::byte> bytes(const std::string& name) const;
  /// The file that those bytes are mapped from; null where they are held here.
  std::shared_ptr<const MappedFile> mapping(const std::string& name) const;
  /// A copy; f16 and bf16 are widened to f32.
  Tensor get(const std::string& name) const;
  void set(const std::string& name, Tensor tensor, TensorOrigin origin = {});
  const TensorOrigin& origin(const std::string& name) const;
  /// Takes tensor `from` of other weights under the name `to`; its bytes are shared.
  void share(const Weights& other, const std::string& from, const std::string& to);
  void erase(const std::string& name);
  /// Everything of `other`, replacing tensors of the same name.
  void merge(const Weights& other);

  std::map<std::string, std::string>& metadata();
  const std::map<std::string, std::string>& metadata() const;
  /// Where the tensors came from, for messages; empty for weights made in memory.
  const std::string& source() const;
  void set_source(std::string source);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What became of each tensor when weights met a program.
struct WeightsReport {
  struct Row {
    std::string name;
    std::string status;  ///< loaded, reshaped, at its initialiser, unused
    std::string detail;  ///< shape, and why
  };
  std::vector<Row> rows;
  std::int64_t loaded = 0, initialised = 0, unused = 0;
  std::int64_t reshaped = 0;  ///< of those loaded
  /// The table as a person reads it; at most `limit` rows of each status, then a count.
  FCNGRAPH_API std::string to_text(std::size_t limit = 100) const;
};

}  // namespace fcngraph
