// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/backend.h>

namespace fcngraph {

Buffer::~Buffer() = default;
Kernel::~Kernel() = default;
Device::~Device() = default;
Backend::~Backend() = default;

std::span<const std::string_view> Backend::kernel_choices() const { return {}; }
std::string Backend::times_hold_for(const KernelPolicy&) const { return {}; }

}  // namespace fcngraph
