// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <set>

#include <fcngraph/engine/types.h>

#include "read.h"

namespace fcngraph::dsl {
namespace {

constexpr std::int64_t kFormat = 1;

void read_input(StrictTable& model, ModelSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 5> preprocessings{"caffe", "caffe_fcn", "tf", "torch", "none"};
  const auto* value = model.read_table("input");
  if (value == nullptr) return;
  StrictTable table(*value, "[model.input]", diagnostics);
  table.read("height", spec.height, {1, 65'536});
  table.read("width", spec.width, {1, 65'536});
  table.read("channels", spec.channels, {1, 4});
  table.read_choice("preprocess", spec.preprocess, preprocessings);
  table.finish();
}

void read_model_table(StrictTable& top, ModelSpec& spec, Diagnostics& diagnostics) {
  const auto* value = top.read_table("model");
  if (value == nullptr) return;
  StrictTable table(*value, "[model]", diagnostics);
  table.read_name("name", spec.name, ".");
  if (table.read_strings("classes", spec.classes)) spec.classes_span = value->find("classes")->span;
  std::set<std::string> seen;
  for (const auto& name : spec.classes) {
    if (!seen.insert(*name).second) diagnostics.error("E0201", name.span, "class '" + *name + "' is in the list twice");
  }
  if (value->find("classes") != nullptr && value->find("classes")->is_array() &&
      value->find("classes")->items.empty()) {
    table.wrong("E0108", "classes", *value->find("classes"), "at least one name");
  }
  read_input(table, spec, diagnostics);
  read_trainable(table, spec.trainable);
  table.finish();
}

void read_compile(StrictTable& top, CompileSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 4> kernels{"auto", "autotune", "estimate", "onednn"};
  static const std::array<std::string, 3> storages{"f32", "f16", "bf16"};
  const auto* value = top.read_table("compile");
  if (value == nullptr) return;
  StrictTable table(*value, "[compile]", diagnostics);
  table.read_choice("kernels", spec.kernels, kernels);
  table.read("exact", spec.exact);
  table.read_choice("storage", spec.storage, storages);
  table.read("deterministic", spec.deterministic);
  table.read("keep_packed", spec.keep_packed);
  table.read("ranges", spec.ranges);
  table.finish();
}

// "4GiB", or a number of bytes.
void read_size(StrictTable& table, std::string_view key, Spanned<std::int64_t>& into) {
  const auto* value = table.take(key);
  if (value == nullptr) return;
  std::optional<std::int64_t> bytes;
  if (value->is_string()) bytes = bytes_from(value->text);
  if (value->kind == TomlValue::Kind::integer && value->integer > 0) bytes = value->integer;
  if (!bytes || *bytes < 1) return table.wrong("E0108", key, *value, "a size such as \"4GiB\"");
  into = {*bytes, value->span};
}

void read_cache(StrictTable& top, CacheSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> storages{"f32", "f16"};
  const auto* value = top.read_table("cache");
  if (value == nullptr) return;
  StrictTable table(*value, "[cache]", diagnostics);
  read_size(table, "limit", spec.limit);
  read_size(table, "disk_limit", spec.disk_limit);
  table.read_choice("storage", spec.storage, storages);
  table.finish();
}

void read_blocks(StrictTable& top, ModelSpec& spec, Diagnostics& diagnostics) {
  const auto* blocks = top.read_table("block");
  if (blocks == nullptr) return;
  for (const auto& entry : blocks->entries) {
    if (entry.value.is_table()) {
      spec.blocks[entry.key] = read_block(entry.key, entry.key_span, entry.value, diagnostics);
    } else {
      diagnostics.error("E0106", entry.value.span,
                        "block '" + entry.key + "': expected a table, got " + describe(entry.value));
    }
  }
}

}  // namespace

void check_format(StrictTable& top, const TomlValue& document, bool required, Diagnostics& diagnostics) {
  const auto* value = top.take("fcngraph");
  if (value == nullptr) {
    if (!required) return;
    diagnostics.error("E0102", {document.span.file, 1, 1, 1},
                      "the file does not say which version of the format it is written in",
                      "begin it with: fcngraph = 1");
    return;
  }
  if (value->kind != TomlValue::Kind::integer || value->integer < 1) {
    diagnostics.error("E0102", value->span, "expected a format version, got " + describe(*value),
                      "write: fcngraph = 1");
  } else if (value->integer > kFormat) {
    diagnostics.error("E0102", value->span,
                      "the file is written in version " + std::to_string(value->integer) +
                          " of the format, and this program reads up to " + std::to_string(kFormat),
                      "a newer fcngraph reads it");
  }
}

ModelSpec read_document(const TomlValue& document, const std::string& path, Diagnostics& diagnostics) {
  ModelSpec spec;
  spec.path = path;
  StrictTable top(document, "a model file", diagnostics);
  check_format(top, document, true, diagnostics);
  read_model_table(top, spec, diagnostics);
  if (const auto* table = top.read_table("backbone")) spec.backbone = read_backbone(*table, diagnostics);
  read_blocks(top, spec, diagnostics);
  std::size_t number = 0;
  for (const auto& item : top.read_tables("dense_conv")) {
    spec.dense_convs.push_back(read_dense_conv(item, ++number, diagnostics));
  }
  top.read_tables("node");  // written out, and read, by expand
  number = 0;
  for (const auto& item : top.read_tables("head")) spec.heads.push_back(read_head(item, ++number, diagnostics));
  if (const auto* table = top.read_table("train")) spec.train = read_train(*table, diagnostics);
  read_compile(top, spec.compile, diagnostics);
  read_cache(top, spec.cache, diagnostics);
  if (const auto* table = top.read_table("data")) spec.data = read_data(*table, diagnostics);
  spec.stages = read_stages(top.read_tables("stage"), document.find("train"), diagnostics);
  top.require("head", "at least one [[head]], which says what is computed");
  top.finish();
  return spec;
}

}  // namespace fcngraph::dsl
