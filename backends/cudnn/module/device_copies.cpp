// SPDX-License-Identifier: Apache-2.0
// Copies that go beside runs, on streams of their own.
#include <algorithm>
#include <cstring>
#include <utility>

#include "device.h"
#include "device_checks.h"

namespace fcngraph::cudnn {
namespace {

/// Outputs of a program, twice: of the run that is under way and of the one before it.
constexpr std::size_t kMostTaken = 32;

}  // namespace

Mark CudaDevice::mark() {
  flush();
  const Mark point = ++marks_;
  check(cudaEventRecord(points_[point % points_.size()].get(), stream_.get()), "marking a point");
  return point;
}

void CudaDevice::wait(Mark point) {
  if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
  const auto taken =
      std::find_if(taken_.begin(), taken_.end(), [&](const auto& one) { return one->point == point && point != 0; });
  if (taken == taken_.end()) {
    if (point != 0) check(cudaEventSynchronize(points_[point % points_.size()].get()), "waiting for the GPU");
    return;
  }
  Taken& one = **taken;
  one.point = 0;
  check(cudaEventSynchronize(one.arrived.get()), "waiting for a copy");
  std::memcpy(one.to.data(), one.pinned.get(), one.to.size());
}

// What runs read meanwhile is not touched before `after`: of the points, those used again are later ones, and none of those waits for
// what is brought now.
void CudaDevice::begin_beside(Mark after) {
  flush();
  if (after != 0) check(cudaStreamWaitEvent(up_.get(), points_[after % points_.size()].get(), 0), "waiting for a run");
}

void CudaDevice::end_beside() {
  check(cudaEventRecord(brought_.get(), up_.get()), "marking a copy");
  check(cudaStreamWaitEvent(stream_.get(), brought_.get(), 0), "waiting for a copy");
}

void CudaDevice::upload_beside(std::byte* to, std::span<const std::byte> from, Mark after) {
  begin_beside(after);
  copy_in(to, from, up_.get(), staging_up_);
  end_beside();
}

void CudaDevice::gather_beside(std::byte* to, std::span<const std::byte* const> pieces, std::size_t bytes_each,
                               Mark after) {
  begin_beside(after);
  for (const std::byte* piece : pieces) {
    check(piece == nullptr ? cudaMemsetAsync(to, 0, bytes_each, up_.get())
                           : cudaMemcpyAsync(to, piece, bytes_each, cudaMemcpyDeviceToDevice, up_.get()),
          "gathering on the GPU");
    to += bytes_each;
  }
  end_beside();
}

// A place that nobody waits for and that is large enough, or a new one; null where there is no memory for it.
CudaDevice::Taken* CudaDevice::room_for(std::size_t bytes) {
  for (const auto& one : taken_) {
    if (one->point == 0 && one->copy->size() >= bytes) return one.get();
  }
  // Those that are too small make place: outputs come in the same sizes again and again.
  const auto is_free = [](const auto& one) { return one->point == 0; };
  if (taken_.size() >= kMostTaken) taken_.erase(std::remove_if(taken_.begin(), taken_.end(), is_free), taken_.end());
  auto fresh = std::make_unique<Taken>();
  try {
    fresh->copy = allocate(bytes);
  } catch (const BackendError&) {
    return nullptr;
  }
  fresh->pinned = new_pinned(bytes);
  if (fresh->pinned == nullptr) return nullptr;
  fresh->taken = new_event();
  fresh->arrived = new_event();
  return taken_.emplace_back(std::move(fresh)).get();
}

Mark CudaDevice::download_beside(std::span<std::byte> to, const std::byte* from) {
  flush();
  Taken* const one = room_for(std::max<std::size_t>(to.size(), 1));
  if (one == nullptr) {
    download(to, from);
    return 0;
  }
  check(cudaMemcpyAsync(one->copy->device_data(), from, to.size(), cudaMemcpyDeviceToDevice, stream_.get()),
        "taking an output");
  check(cudaEventRecord(one->taken.get(), stream_.get()), "marking a copy");
  check(cudaStreamWaitEvent(down_.get(), one->taken.get(), 0), "waiting for a run");
  check(cudaMemcpyAsync(one->pinned.get(), one->copy->device_data(), to.size(), cudaMemcpyDeviceToHost, down_.get()),
        "copying from the GPU");
  check(cudaEventRecord(one->arrived.get(), down_.get()), "marking a copy");
  one->to = to;
  return one->point = ++marks_;
}

std::size_t CudaDevice::free_memory() {
  std::size_t free = 0, all = 0;
  check(cudaMemGetInfo(&free, &all), "asking for free memory");
  return free;
}

}  // namespace fcngraph::cudnn
