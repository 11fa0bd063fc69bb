// SPDX-License-Identifier: Apache-2.0
#include "data_classes.h"

#include <fcngraph/dataset.h>

#include "data/kinds/kinds.h"

namespace fcngraph {

std::vector<std::string> data_classes(const dsl::DataSpec& spec) {
  if (!spec.classes.empty()) return spec.classes;
  if (spec.kind == "synthetic") return open_dataset(spec)->classes();  // drawn on the fly: nothing is opened
  if (spec.kind == "camvid") return data::camvid_classes();
  if (spec.kind == "pets") return data::pets_classes();
  return {};
}

}  // namespace fcngraph
