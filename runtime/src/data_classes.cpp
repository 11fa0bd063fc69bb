// SPDX-License-Identifier: Apache-2.0
#include "data_classes.h"

#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/dataset.h>

#include "data/kinds/kinds.h"
#include "data/placement.h"

namespace fcngraph {
namespace {

/// `padding`, where it is no class.
constexpr const char* kIgnored = "ignore";

}  // namespace

std::vector<std::string> data_classes(const dsl::DataSpec& spec) {
  if (!spec.classes.empty()) return spec.classes;
  if (spec.kind == "synthetic") return open_dataset(spec)->classes();  // drawn on the fly: nothing is opened
  if (spec.kind == "camvid") return data::camvid_classes();
  if (spec.kind == "pets") return data::pets_classes();
  return {};
}

void check_resizing(const dsl::DataSpec& spec, const std::vector<std::string>& classes, Diagnostics& diagnostics) {
  if (spec.padding != kIgnored && std::find(classes.begin(), classes.end(), spec.padding) == classes.end()) {
    auto known = classes;
    known.emplace_back(kIgnored);
    diagnostics.error("E0402", spec.padding_span, fmt::format("padding is '{}', which is no class", spec.padding),
                      did_you_mean(spec.padding, known), {"classes: " + join(classes)});
  }
  if (spec.bilinear_labels && classes.size() > data::kMostMixedClasses) {
    diagnostics.error("E0402", spec.labels_span,
                      fmt::format("labels of {} classes cannot be mixed, expected at most {}", classes.size(),
                                  data::kMostMixedClasses),
                      "labels = \"nearest\"");
  }
}

std::uint8_t padding_label(const dsl::DataSpec& spec) {
  const auto classes = data_classes(spec);
  const auto found = std::find(classes.begin(), classes.end(), spec.padding);
  if (spec.padding == kIgnored || found == classes.end()) return kIgnore;
  return static_cast<std::uint8_t>(found - classes.begin());
}

}  // namespace fcngraph
