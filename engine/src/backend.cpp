// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/backend.h>

namespace fcngraph {

Buffer::~Buffer() = default;
Kernel::~Kernel() = default;
Device::~Device() = default;
Backend::~Backend() = default;

}  // namespace fcngraph
