// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/import.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <fcngraph/engine/error.h>

#include "import/foreign.h"
#include "import/import_file.h"
#include "import/keras_archive.h"
#include "import/keras_hdf5.h"
#include "import/keras_names.h"
#include "import/layout.h"
#include "import/npz.h"
#include "mapped_file.h"
#include "md5.h"
#include "not_finite.h"
#include "safetensors.h"

namespace fcngraph {
namespace import {
namespace {

bool starts_with(std::span<const std::byte> file, std::string_view magic) {
  return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin(),
                                                   [](char c, std::byte b) { return static_cast<std::byte>(c) == b; });
}

bool is_hdf5(std::span<const std::byte> file) { return starts_with(file, "\x89HDF\r\n\x1a\n"); }
bool is_zip(std::span<const std::byte> file) { return starts_with(file, "PK\x03\x04"); }

Source list_safetensors(const std::shared_ptr<const MappedFile>& file, const std::string& path) {
  const SafetensorsHeader header = read_safetensors(file->bytes(), path);
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [name, entry] : header.entries) order.emplace_back(entry.begin, name);
  std::sort(order.begin(), order.end());
  Source source;
  for (const auto& [begin, name] : order) {
    const auto& entry = header.entries.at(name);
    const auto bytes = file->bytes().subspan(header.data_offset + entry.begin, entry.end - entry.begin);
    VariableName parts = split_variable(name);
    source.push_back({name, std::move(parts.layer), std::move(parts.variable), [file, bytes, type = entry.type] {
                        return Tensor{type, {bytes.begin(), bytes.end()}};
                      }});
  }
  return source;
}

bool names_kernels(const Source& source) {
  return std::any_of(source.begin(), source.end(), [](const SourceTensor& t) { return is_keras_kernel(t.path); });
}

/// Tensors that have our names and shapes already.
Weights take_as_they_are(const Source& source) {
  Weights weights;
  for (const SourceTensor& tensor : source) weights.set(tensor.path, tensor.read());
  return weights;
}

void report_as_they_are(const std::string& file, ImportedWeights& out) {
  for (const std::string& name : out.weights.names()) {
    const TensorType type = out.weights.type(name);
    if (const auto i = first_not_finite(type, out.weights.bytes(name)); i >= 0)
      throw IoError(file, not_finite_message(name, i));
    out.report.rows.push_back({name, "loaded", to_string(type)});
    ++out.report.loaded;
  }
}

struct Listing {
  Source source;
  std::string form;
  bool is_keras = false;  ///< HDF5 or an archive of Keras
};

Listing list_archive(const std::string& path) {
  const auto archive = std::make_shared<const ZipFile>(path);
  const auto& entries = archive->entries();
  const auto any = [&](std::string_view ending) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name.ends_with(ending); });
  };
  if (any(".npy")) return {list_npz(archive), ".npz"};
  if (any("data.pkl")) throw IoError(path, "is a pickle of PyTorch, which is a program to run: save it as safetensors");
  return {list_keras_archive(*archive), ".keras archive", true};
}

/// What kind of file it is, and its tensors.
Listing list(const std::string& path, const std::shared_ptr<const MappedFile>& file) {
  if (is_zip(file->bytes())) return list_archive(path);
  if (!is_hdf5(file->bytes())) return {list_safetensors(file, path), "safetensors"};
  const auto hdf5 = std::make_shared<const Hdf5File>(file->bytes(), file, path);
  return is_legacy(*hdf5) ? Listing{list_legacy(hdf5), "Keras HDF5", true}
                          : Listing{list_keras3(hdf5), "Keras 3 HDF5", true};
}

}  // namespace

bool is_foreign(std::span<const std::byte> file) noexcept { return is_hdf5(file) || is_zip(file); }

bool has_keras_names(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), is_keras_kernel);
}

ImportedWeights import_file(const std::filesystem::path& path, const std::string& layout,
                            std::span<const Published> known) {
  if (layout != "auto" && layout != "keras" && layout != "fcngraph")
    throw GraphError(fmt::format("there is no layout '{}' of weights, expected auto, keras or fcngraph", layout));
  ImportedWeights out;
  if (std::filesystem::is_directory(path)) {
    if (layout == "keras")
      throw GraphError(fmt::format("'{}' is a run's folder, its layout is fcngraph", path.string()));
    out.form = "run";
    out.layout = "fcngraph";
    out.weights = Weights::map(path);
    report_as_they_are(path.string(), out);
    return out;
  }
  const auto file = std::make_shared<const MappedFile>(path.string());
  Listing listing = list(path.string(), file);
  if (listing.is_keras && layout == "fcngraph")
    throw GraphError(fmt::format("'{}' is a {}, its layout is keras", path.string(), listing.form));
  out.form = listing.form;
  out.layout = layout != "auto" ? layout : listing.is_keras || names_kernels(listing.source) ? "keras" : "fcngraph";
  if (out.layout == "keras") {
    if (const std::string vgg = listing.is_keras ? name_as_vgg(listing.source) : ""; !vgg.empty())
      out.form += fmt::format(" without names of layers, taken for those of {}", vgg);
    place_keras(listing.source, path.string(), out);
    out.weights.metadata()["imported"] = "keras";
  } else {
    out.weights = out.form == "safetensors" ? Weights::map(path) : take_as_they_are(listing.source);
    report_as_they_are(path.string(), out);
  }
  if (is_hdf5(file->bytes())) {
    const auto bytes = file->bytes();
    out.published = published_name(md5({reinterpret_cast<const char*>(bytes.data()), bytes.size()}), known);
    if (!out.published.empty()) out.weights.metadata()["published"] = out.published;
  }
  out.weights.set_source(path.string());
  return out;
}

}  // namespace import

ImportedWeights import_weights(const std::filesystem::path& path, const std::string& layout) {
  return import::import_file(path, layout, import::published_files());
}

}  // namespace fcngraph
