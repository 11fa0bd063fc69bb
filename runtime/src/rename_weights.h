// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/weights.h>

namespace fcngraph {

/// The weights under the names of the model's layers: what belongs to `weights_from` of a layer becomes the layer's, for imported
/// weights even where they have a layer of that name, for weights of ours only where they lack it. Imported kernels of transposed
/// convolutions get the shape of ours. Idempotent; bytes are shared.
Weights rename_weights(const dsl::ModelSpec& spec, const Weights& weights);

}  // namespace fcngraph
