// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <set>

#include "read.h"

namespace fcngraph::dsl {
namespace {

/// Label values are bytes, and one of them is needed for what is ignored.
constexpr std::int64_t kMostClasses = 255;

void read_classes(StrictTable& table, DataSpec& spec, Diagnostics& diagnostics) {
  const auto* value = table.take("classes");
  if (value == nullptr) return;
  spec.classes_span = value->span;
  if (spec.kind == "synthetic" && value->kind == TomlValue::Kind::integer) {
    Spanned<std::int64_t> count;
    if (table.read("classes", count, {2, 64})) spec.num_classes = *count;
    return;
  }
  if (!value->is_array()) {
    table.wrong("E0106", "classes", *value,
                spec.kind == "synthetic" ? "a number of classes or a list of names" : "a list of names");
    return;
  }
  std::vector<Spanned<std::string>> names;
  if (!table.read_strings("classes", names)) return;
  if (names.empty() || names.size() > static_cast<std::size_t>(kMostClasses)) {
    table.wrong("E0108", "classes", *value, "from 1 to " + std::to_string(kMostClasses) + " names");
    return;
  }
  std::set<std::string> seen;
  for (const auto& name : names) {
    if ((*name).empty()) diagnostics.error("E0402", name.span, "a class has no name");
    if (!seen.insert(*name).second) diagnostics.error("E0402", name.span, "class '" + *name + "' is in the list twice");
    spec.classes.push_back(*name);
  }
  if (spec.kind == "synthetic") {
    if (names.size() < 2) table.wrong("E0108", "classes", *value, "at least 2 names, background first");
    spec.num_classes = static_cast<std::int64_t>(names.size());
  }
}

void read_colors(StrictTable& table, DataSpec& spec, Diagnostics& diagnostics) {
  const auto* value = table.take("colors");
  if (value == nullptr) return;
  if (!value->is_array()) {
    table.wrong("E0106", "colors", *value, "a list of [red, green, blue]");
    return;
  }
  for (const auto& item : value->items) {
    std::array<std::int64_t, 3> rgb{};
    bool good = item.is_array() && item.items.size() == rgb.size();
    for (std::size_t i = 0; good && i < rgb.size(); ++i) {
      rgb[i] = item.items[i].integer;
      good = item.items[i].kind == TomlValue::Kind::integer && rgb[i] >= 0 && rgb[i] <= 255;
    }
    if (!good) {
      table.wrong("E0108", "colors", item, "[red, green, blue] from 0 to 255");
      continue;
    }
    spec.colors.push_back(
        {static_cast<std::uint8_t>(rgb[0]), static_cast<std::uint8_t>(rgb[1]), static_cast<std::uint8_t>(rgb[2])});
  }
  if (!spec.classes.empty() && value->items.size() != spec.classes.size()) {
    diagnostics.error("E0402", value->span,
                      "[data] has " + std::to_string(value->items.size()) + " colours for " +
                          std::to_string(spec.classes.size()) + " classes");
  }
}

/// A choice of two words, of which the second is not the default.
bool read_switch(StrictTable& table, const char* key, const std::array<std::string, 2>& words, SourceSpan* span = {}) {
  Spanned<std::string> word;
  if (!table.read_choice(key, word, words)) return false;
  if (span != nullptr) *span = word.span;
  return *word == words[1];
}

/// `resize = "letterbox"` or `resize = { mode = "letterbox" }`
void read_resize(StrictTable& data, DataSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 4> modes{"stretch", "letterbox", "crop", "native"};
  Spanned<std::string> mode{"letterbox", {}};
  const auto* value = data.take("resize");
  if (value == nullptr) return;
  if (value->is_table()) {
    StrictTable table(*value, "[data.resize]", diagnostics);
    table.read_choice("mode", mode, modes);
    spec.pad_to_batch = read_switch(table, "pad_to", {"input", "batch"});
    Spanned<std::string> padding;
    if (table.read("padding", padding)) {
      spec.padding = *padding;
      spec.padding_span = padding.span;
    }
    spec.bilinear_labels = read_switch(table, "labels", {"nearest", "bilinear"}, &spec.labels_span);
    spec.half_precision = read_switch(table, "precision", {"f32", "f16"});
    SourceSpan decode;
    spec.scaled_decode = read_switch(table, "decode", {"full", "scaled"}, &decode);
    if (spec.scaled_decode && spec.pad_to_batch) {
      diagnostics.error("E0402", decode,
                        "images are padded to the largest of their batch before they are resized, at their full size",
                        "keep one of decode = \"scaled\" and pad_to = \"batch\"");
    }
    table.finish();
  } else {
    data.read_choice("resize", mode, modes);
  }
  for (std::size_t i = 0; i < modes.size(); ++i) {
    if (modes[i] == *mode) spec.resize = static_cast<ResizeMode>(i);
  }
}

void read_split(StrictTable& data, const std::string& key, DataSpec::Split& split, Diagnostics& diagnostics) {
  const auto* value = data.read_table(key);
  if (value == nullptr) return;
  split.span = value->span;
  StrictTable table(*value, "[data." + key + "]", diagnostics);
  Spanned<std::string> images, masks, list;
  table.read("images", images);
  table.read("masks", masks);
  table.read("list", list);
  table.finish();
  split = {*images, *masks, *list, value->span};
  if (list.given() && (images.given() || masks.given())) {
    diagnostics.error("E0402", list.span, "[data." + key + "] has a list and folders", "keep one of the two");
  } else if (!list.given() && (!images.given() || !masks.given())) {
    table.require(images.given() ? "masks" : "images", "the folder with its files, or 'list', a file of pairs");
  }
}

void read_synthetic(StrictTable& table, DataSpec& spec) {
  const auto read = [&](const char* key, std::int64_t& into, IntRange range) {
    Spanned<std::int64_t> value;
    if (table.read(key, value, range)) into = *value;
  };
  read("images", spec.images, {1, 1'000'000});
  read("val_images", spec.val_images, {0, 1'000'000});
  read("test_images", spec.test_images, {0, 1'000'000});
  read("size", spec.size, {1, 65'536});
  read("rim", spec.rim, {0, 2});
  read("jitter", spec.jitter, {0, 255});
}

void read_files(StrictTable& table, DataSpec& spec, Diagnostics& diagnostics) {
  static const std::array<std::string, 2> orders{"listed", "tfds"};
  static const std::array<std::string, 3> palettes{"camvid", "voc", "pets"};
  Spanned<std::string> text;
  Spanned<double> share;
  if (table.read("root", text)) {
    spec.root = *text;
    spec.root_span = text.span;
  }
  table.read_integers("ignore", spec.ignore, {0, 255});
  table.read_integers("label_values", spec.label_values, {0, 255});
  if (table.read_choice("palette", text, palettes)) spec.palette = *text;
  if (spec.kind != "camvid" && table.read("val_share", share, kShare)) spec.val_share = *share;
  if (spec.kind == "pets" && table.read_choice("order", text, orders)) {
    spec.order = *text == "tfds" ? SampleOrder::tfds : SampleOrder::listed;
  }
  if (spec.kind == "folder") {
    read_split(table, "train", spec.train, diagnostics);
    read_split(table, "val", spec.val, diagnostics);
    read_split(table, "test", spec.test, diagnostics);
  }
  const std::set<std::int64_t> ignored(spec.ignore.begin(), spec.ignore.end());
  for (const auto value : spec.label_values) {
    if (ignored.count(value) == 0) continue;
    diagnostics.error("E0402", table.take("ignore")->span,
                      "label value " + std::to_string(value) + " is both a class and ignored");
  }
  if (!spec.classes.empty() && !spec.label_values.empty() && spec.classes.size() != spec.label_values.size()) {
    diagnostics.error("E0402", table.take("label_values")->span,
                      "[data] has " + std::to_string(spec.label_values.size()) + " label values for " +
                          std::to_string(spec.classes.size()) + " classes");
  }
}

/// Keys of the other kinds, which deserve a better answer than "unknown".
void refuse_others(StrictTable& table, const std::string& kind) {
  const auto refuse = [&](std::initializer_list<const char*> keys, const std::string& whose) {
    for (const char* key : keys)
      table.refuse(key, "it belongs to kind = \"" + whose + "\", and this is \"" + kind + "\"");
  };
  if (kind == "synthetic") {
    refuse({"ignore", "label_values", "palette", "val_share", "train", "val", "test"}, "folder");
    refuse({"order"}, "pets");
    return;
  }
  refuse({"images", "val_images", "test_images", "size", "rim", "jitter", "seed"}, "synthetic");
  if (kind != "folder") refuse({"train", "val", "test"}, "folder");
  if (kind != "pets") refuse({"order"}, "pets");
  if (kind == "camvid") refuse({"val_share"}, "folder");
}

}  // namespace

DataSpec read_data(const TomlValue& value, Diagnostics& diagnostics) {
  static const std::array<std::string, 4> kinds{"synthetic", "folder", "camvid", "pets"};
  DataSpec spec;
  spec.span = value.span;
  StrictTable table(value, "[data]", diagnostics);
  table.take("use");  // merged in before this reader sees the table
  Spanned<std::string> kind;
  const bool known = table.read_choice("kind", kind, kinds);
  table.require("kind", "one of synthetic, folder, camvid, pets");
  if (known) {
    spec.kind = *kind;
    spec.kind_span = kind.span;
  }
  read_classes(table, spec, diagnostics);
  read_colors(table, spec, diagnostics);
  read_resize(table, spec, diagnostics);
  spec.shuffle_batches = read_switch(table, "shuffle", {"samples", "batches"});
  if (!known) return spec;  // which keys belong here depends on the kind
  if (spec.kind == "synthetic") {
    Spanned<std::int64_t> seed;
    if (table.read("seed", seed, {0})) spec.seed = static_cast<std::uint64_t>(*seed);
    table.take("root");  // means nothing here, but `synthetic:` may say it
    read_synthetic(table, spec);
  } else {
    read_files(table, spec, diagnostics);
  }
  refuse_others(table, spec.kind);
  table.finish();
  if (spec.kind == "folder" && spec.train.images.empty() && spec.train.list.empty()) {
    table.require("train", "where its training images and masks are");
  }
  if (spec.kind == "folder") table.require("classes", "the names of its classes in order of label value");
  return spec;
}

}  // namespace fcngraph::dsl
