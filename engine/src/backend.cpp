// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/backend.h>

#include <algorithm>

namespace fcngraph {

Buffer::~Buffer() = default;
Kernel::~Kernel() = default;
Device::~Device() = default;
Backend::~Backend() = default;

// What a device does that does nothing by itself, and whose memory is the host's.

void Device::wait(Mark) { synchronize(); }

void Device::upload_beside(std::byte* to, std::span<const std::byte> from, Mark) { upload(to, from); }

void Device::gather_beside(std::byte* to, std::span<const std::byte* const> pieces, std::size_t bytes_each, Mark) {
  for (const std::byte* piece : pieces) {
    if (piece == nullptr) {
      std::fill_n(to, bytes_each, std::byte{});
    } else {
      std::copy_n(piece, bytes_each, to);
    }
    to += bytes_each;
  }
}

Mark Device::download_beside(std::span<std::byte> to, const std::byte* from) {
  download(to, from);
  return 0;
}

Probe Backend::multiplies_in(DType type) const {
  return {false, "it has no products of " + std::string(name_of(type))};
}

std::span<const std::string_view> Backend::kernel_choices() const { return {}; }
std::string Backend::times_hold_for(const KernelPolicy&) const { return {}; }

}  // namespace fcngraph
