// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/backend.h>

namespace fcngraph {

Buffer::~Buffer() = default;
Kernel::~Kernel() = default;
Device::~Device() = default;
Backend::~Backend() = default;

Probe Backend::multiplies_in(DType type) const {
  return {false, "it has no products of " + std::string(name_of(type))};
}

}  // namespace fcngraph
