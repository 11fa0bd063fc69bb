// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/interpret.h>
#include <fcngraph/image.h>

namespace fcngraph {

/// A tensor on the host, plain layout; features and logits are N, C, H, W.
using Tensor = HostTensor;

/// The class with the largest logit at each pixel of image `n` of [N, C, H, W]; the lowest index wins ties. Throws GraphError
/// when the tensor has another rank, more than 255 classes or no image n.
FCNGRAPH_API LabelMap argmax(const Tensor& logits, std::int64_t n = 0);

/// NumPy's .npy of any version in C order; written as version 1.0, little-endian. Throws IoError for anything else, and for a file cut
/// short.
FCNGRAPH_API Tensor load_npy(const std::string& path);
FCNGRAPH_API void save_npy(const std::string& path, const Tensor& tensor);

/// [N, C, H, W] as [N, H, W, C] and back; other ranks are returned as they are.
FCNGRAPH_API Tensor to_nhwc(const Tensor& tensor);
FCNGRAPH_API Tensor to_nchw(const Tensor& tensor);

}  // namespace fcngraph
