// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/weights.h>

#include <cstring>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/half.h>
#include <fcngraph/import.h>

#include "frozen_reference.h"
#include "import/foreign.h"
#include "mapped_file.h"
#include "safetensors.h"

namespace fcngraph {
namespace {

/// Bytes of a tensor and whoever keeps them alive: the mapping of a file, or a tensor that was set.
struct Entry {
  TensorType type;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  TensorOrigin origin;
  std::shared_ptr<const MappedFile> mapping = nullptr;  ///< where it is one
};

std::filesystem::path checkpoint_of(const std::filesystem::path& run) {
  for (const char* name : {"best.safetensors", "last.safetensors"}) {
    auto path = run / "checkpoints" / name;
    if (std::filesystem::exists(path)) return path;
  }
  throw IoError(run.string(), "is a folder without 'checkpoints/best.safetensors' or 'checkpoints/last.safetensors'");
}

Tensor widened(const Entry& entry, float (*widen)(std::uint16_t) noexcept) {
  Tensor tensor = Tensor::zeros({DType::f32, entry.type.shape, {}});
  const auto count = static_cast<std::size_t>(entry.type.shape.elements());
  float* out = tensor.as<float>();
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, entry.bytes.data() + 2 * i, 2);  // a mapping may be at an odd address
    out[i] = widen(bits);
  }
  return tensor;
}

}  // namespace

struct Weights::Impl {
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;
  std::string source;

  const Entry& at(const std::string& name) const {
    const auto found = entries.find(name);
    if (found != entries.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [known, entry] : entries) names.push_back(known);
    const std::string hint = did_you_mean(name, names);
    throw GraphError("weights " + (source.empty() ? "" : "'" + source + "' ") + "hold no tensor '" + name + "'" +
                     (hint.empty() ? "" : "; " + hint));
  }

  /// Adds what is not there yet.
  void add(const std::shared_ptr<const MappedFile>& file, const SafetensorsHeader& header) {
    for (const auto& [name, entry] : header.entries) {
      entries.try_emplace(name, Entry{entry.type,
                                      file->bytes().subspan(header.data_offset + entry.begin, entry.end - entry.begin),
                                      file,
                                      {},
                                      file});
    }
  }
};

Weights::Weights() : impl_(std::make_unique<Impl>()) {}
Weights::Weights(const Weights& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Weights::Weights(Weights&& other) noexcept = default;
Weights& Weights::operator=(Weights other) noexcept {
  impl_ = std::move(other.impl_);
  return *this;
}
Weights::~Weights() = default;

Weights Weights::load(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path) && import::is_foreign(MappedFile(path.string()).bytes()))
    return import_weights(path).weights;
  Weights weights = map(path);
  return import::has_keras_names(weights.names()) ? import_weights(path).weights : weights;
}

Weights Weights::map(const std::filesystem::path& path) {
  const std::filesystem::path file_path = std::filesystem::is_directory(path) ? checkpoint_of(path) : path;
  const auto file = std::make_shared<const MappedFile>(file_path.string());
  SafetensorsHeader header = read_safetensors(file->bytes(), file_path.string());
  Weights weights;
  weights.impl_->source = file_path.string();
  weights.impl_->add(file, header);
  weights.impl_->metadata = std::move(header.metadata);
  if (const auto reference = frozen_reference(weights.impl_->metadata)) {
    const std::string frozen_path = (file_path.parent_path() / reference->file).string();
    const auto frozen = std::make_shared<const MappedFile>(frozen_path);
    check_frozen(*reference, frozen->bytes(), frozen_path, file_path.string());
    weights.impl_->add(frozen, read_safetensors(frozen->bytes(), frozen_path));
  }
  return weights;
}

void Weights::save(const std::filesystem::path& path) const {
  std::vector<SafetensorsTensor> tensors;
  for (const auto& [name, entry] : impl_->entries) tensors.push_back({name, entry.type, entry.bytes});
  write_safetensors(path.string(), tensors, impl_->metadata);
}

bool Weights::contains(const std::string& name) const { return impl_->entries.count(name) > 0; }

std::vector<std::string> Weights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->entries) names.push_back(name);
  return names;
}

TensorType Weights::type(const std::string& name) const { return impl_->at(name).type; }

std::span<const std::byte> Weights::bytes(const std::string& name) const { return impl_->at(name).bytes; }

std::shared_ptr<const MappedFile> Weights::mapping(const std::string& name) const { return impl_->at(name).mapping; }

Tensor Weights::get(const std::string& name) const {
  const Entry& entry = impl_->at(name);
  if (entry.type.dtype == DType::f16) return widened(entry, half_to_float);
  if (entry.type.dtype == DType::bf16) return widened(entry, bfloat_to_float);
  return {entry.type, {entry.bytes.begin(), entry.bytes.end()}};
}

const TensorOrigin& Weights::origin(const std::string& name) const { return impl_->at(name).origin; }

void Weights::share(const Weights& other, const std::string& from, const std::string& to) {
  Entry entry = other.impl_->at(from);
  impl_->entries.insert_or_assign(to, std::move(entry));
}

void Weights::set(const std::string& name, Tensor tensor, TensorOrigin origin) {
  tensor.type.layout = {};
  if (static_cast<std::size_t>(bytes_of(tensor.type)) != tensor.data.size()) {
    throw GraphError("tensor '" + name + "': " + to_string(tensor.type) + " does not fit its " +
                     std::to_string(tensor.data.size()) + " bytes");
  }
  const auto owner = std::make_shared<const Tensor>(std::move(tensor));
  impl_->entries.insert_or_assign(name, Entry{owner->type, owner->data, owner, std::move(origin)});
}

void Weights::erase(const std::string& name) { impl_->entries.erase(name); }

void Weights::merge(const Weights& other) {
  for (const auto& [name, entry] : other.impl_->entries) impl_->entries.insert_or_assign(name, entry);
}

std::map<std::string, std::string>& Weights::metadata() { return impl_->metadata; }
const std::map<std::string, std::string>& Weights::metadata() const { return impl_->metadata; }
const std::string& Weights::source() const { return impl_->source; }
void Weights::set_source(std::string source) { impl_->source = std::move(source); }

}  // namespace fcngraph
