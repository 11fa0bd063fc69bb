// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <fcngraph/dataset.h>
#include <fcngraph/model.h>

namespace fcngraph {

/// The data set of a model. Throws as open_dataset does.
FCNGRAPH_API std::unique_ptr<Dataset> open_dataset(const Model& model);

/// A data TOML, or KIND:ROOT such as "camvid:DIR", or "synthetic". Throws GraphError with every mistake of the description.
FCNGRAPH_API std::unique_ptr<Dataset> open_dataset(const std::string& description);

}  // namespace fcngraph
