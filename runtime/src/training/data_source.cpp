// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/data_source.h>

#include <fcngraph/dsl/load.h>

namespace fcngraph {

std::unique_ptr<Dataset> open_dataset(const Model& model) { return open_dataset(model.spec().data); }

std::unique_ptr<Dataset> open_dataset(const std::string& description) {
  Diagnostics diagnostics;
  const auto spec = dsl::load_data(description, diagnostics);
  diagnostics.throw_if_errors();
  return open_dataset(spec);
}

}  // namespace fcngraph
