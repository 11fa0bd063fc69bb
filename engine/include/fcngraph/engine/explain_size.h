// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// Why an image tensor (NCHW) has its height and width: "'a' is 28x28 because 'pool3' halves 56x56, 'pool2' halves 112x112 and
/// 'pool1' halves 224x224 of 'image'". Names the last few nodes that changed the size. Empty for a tensor of another rank.
FCNGRAPH_API std::string explain_size(const Graph& graph, ValueId value);

/// That of each image among these values, when they are images of several sizes; else nothing. Saved tensors are no images.
FCNGRAPH_API std::vector<std::string> explain_sizes(const Graph& graph, std::span<const ValueId> values);

}  // namespace fcngraph
