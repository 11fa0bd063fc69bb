// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/data_source.h>

#include <fcngraph/dsl/load.h>
#include <fcngraph/dsl/model_spec.h>

#include "data/padded_batches.h"
#include "data_classes.h"

namespace fcngraph {

std::unique_ptr<Dataset> open_dataset(const Model& model) {
  const auto& spec = model.spec();
  auto dataset = open_dataset(spec.data);
  if (!spec.data.pad_to_batch) return dataset;
  return data::pad_batches(std::move(dataset), *spec.train.batch, padding_label(spec.data));
}

std::unique_ptr<Dataset> open_dataset(const std::string& description) {
  Diagnostics diagnostics;
  const auto spec = dsl::load_data(description, diagnostics);
  diagnostics.throw_if_errors();
  return open_dataset(spec);
}

}  // namespace fcngraph
