// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/kinds/kinds.h"

namespace fcngraph {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Dataset> (*open)(const dsl::DataSpec&, Diagnostics&);
};
constexpr Kind kKinds[] = {{"synthetic", data::open_synthetic},
                           {"folder", data::open_folder},
                           {"camvid", data::open_camvid},
                           {"pets", data::open_pets}};

}  // namespace

std::unique_ptr<Dataset> open_dataset(const dsl::DataSpec& spec) {
  Diagnostics diagnostics;
  std::vector<std::string> names;
  for (const auto& kind : kKinds) {
    names.emplace_back(kind.name);
    if (spec.kind != kind.name) continue;
    auto dataset = kind.open(spec, diagnostics);
    diagnostics.throw_if_errors();
    return dataset;
  }
  diagnostics.error("E0401", spec.kind_span,
                    fmt::format("data kind '{}' is unknown, expected {}", spec.kind, join(names)),
                    did_you_mean(spec.kind, names));
  diagnostics.throw_if_errors();
  return nullptr;
}

}  // namespace fcngraph
