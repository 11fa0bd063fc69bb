// SPDX-License-Identifier: Apache-2.0
#include "noise.h"

#include "storage.h"

namespace fcngraph::cudnn {
namespace {

template <class T>
void fill(const Queue& queue, T* to, std::int64_t elements) {
  launch(queue, elements, [=] FCNGRAPH_DEVICE(std::int64_t i) {
    auto bits = static_cast<std::uint32_t>(i) * 0x9E3779B9u;
    bits = (bits ^ (bits >> 16)) * 0x85EBCA6Bu;
    bits ^= bits >> 13;
    store(to[i], static_cast<float>(bits >> 8) * 0x1.0p-23F - 1.0F);
  });
}

}  // namespace

void fill_noise(const Queue& queue, DType storage, void* to, std::int64_t elements) {
  with_storage(storage, [&]<class T>(T*) { fill(queue, static_cast<T*>(to), elements); });
}

}  // namespace fcngraph::cudnn
