// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::data {

/// One opener for each kind; `open_dataset` chooses. Each adds mistakes of the description to `diagnostics` and then
/// returns nothing; a file that is not there is an IoError.
std::unique_ptr<Dataset> open_synthetic(const dsl::DataSpec& spec, Diagnostics& diagnostics);
std::unique_ptr<Dataset> open_folder(const dsl::DataSpec& spec, Diagnostics& diagnostics);
std::unique_ptr<Dataset> open_camvid(const dsl::DataSpec& spec, Diagnostics& diagnostics);
std::unique_ptr<Dataset> open_pets(const dsl::DataSpec& spec, Diagnostics& diagnostics);

/// The classes of a kind that has its own, where the description names none.
std::vector<std::string> camvid_classes();
std::vector<std::string> pets_classes();

}  // namespace fcngraph::data
