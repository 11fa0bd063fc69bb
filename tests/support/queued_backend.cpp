// SPDX-License-Identifier: Apache-2.0
#include "queued_backend.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/engine/error.h>

namespace fcngraph::testing {
namespace {

/// Of all devices: there is one memory.
std::size_t allocated = 0;

std::size_t all_memory() {
  const char* text = std::getenv("FCNGRAPH_QUEUED_MEMORY");
  return text != nullptr ? std::stoull(text) : std::size_t{1} << 30U;
}

/// What was asked for and not done yet, in order.
struct Work {
  std::deque<std::function<void()>> queue;
  Mark asked = 0, done = 0;

  void put(std::function<void()> work) {
    queue.push_back(std::move(work));
    ++asked;
  }
  void until(Mark point) {
    while (done < point) {
      const auto next = std::move(queue.front());
      queue.pop_front();
      ++done;
      next();
    }
  }
};

class QueuedBuffer final : public Buffer {
 public:
  QueuedBuffer(std::unique_ptr<Buffer> under, std::shared_ptr<Work> work)
      : under_(std::move(under)), work_(std::move(work)) {
    allocated += under_->size();
  }
  ~QueuedBuffer() override {
    work_->until(work_->asked);  // as on a GPU, memory goes when nothing uses it any more
    allocated -= under_->size();
  }
  QueuedBuffer(const QueuedBuffer&) = delete;
  QueuedBuffer& operator=(const QueuedBuffer&) = delete;
  std::byte* device_data() noexcept override { return under_->device_data(); }
  std::byte* host() noexcept override { return nullptr; }
  std::size_t size() const noexcept override { return under_->size(); }

 private:
  std::unique_ptr<Buffer> under_;
  std::shared_ptr<Work> work_;
};

class QueuedKernel final : public Kernel {
 public:
  QueuedKernel(std::unique_ptr<Kernel> under, std::shared_ptr<Work> work)
      : under_(std::move(under)), work_(std::move(work)) {}
  void launch(const LaunchArgs& args) override {
    work_->put([under = under_, operands = std::vector(args.operands.begin(), args.operands.end()),
                results = std::vector(args.results.begin(), args.results.end()), workspace = args.workspace] {
      under->launch({operands, results, workspace});
    });
  }

 private:
  std::shared_ptr<Kernel> under_;
  std::shared_ptr<Work> work_;
};

class QueuedDevice final : public Device {
 public:
  explicit QueuedDevice(std::unique_ptr<Device> under) : under_(std::move(under)) {}
  ~QueuedDevice() override { work_->until(work_->asked); }
  QueuedDevice(const QueuedDevice&) = delete;
  QueuedDevice& operator=(const QueuedDevice&) = delete;

  std::unique_ptr<Buffer> allocate(std::size_t bytes) override {
    if (bytes > free_memory()) {
      throw BackendError("queued", "not enough memory: " + std::to_string(bytes) + " bytes wanted, " +
                                       std::to_string(free_memory()) + " free");
    }
    return std::make_unique<QueuedBuffer>(under_->allocate(bytes), work_);
  }
  void upload(std::byte* to, std::span<const std::byte> from) override {
    work_->put([this, to, bytes = std::vector(from.begin(), from.end())] { under_->upload(to, bytes); });
  }
  void download(std::span<std::byte> to, const std::byte* from) override {
    work_->until(work_->asked);
    under_->download(to, from);
  }
  std::unique_ptr<Kernel> prepare(const StepView& step) override {
    return std::make_unique<QueuedKernel>(under_->prepare(step), work_);
  }
  void begin_run() override {
    work_->put([this] { under_->begin_run(); });
  }
  void end_run() override {
    work_->put([this] { under_->end_run(); });
  }
  void synchronize() override {
    work_->until(work_->asked);
    under_->synchronize();
  }

  Mark mark() override { return work_->asked; }
  void wait(Mark point) override {
    work_->until(point);
    const auto taken = taken_.find(point);
    if (taken == taken_.end()) return;
    std::copy(taken->second.bytes.begin(), taken->second.bytes.end(), taken->second.to.begin());
    taken_.erase(taken);
  }
  void upload_beside(std::byte* to, std::span<const std::byte> from, Mark after) override {
    work_->until(after);
    under_->upload(to, from);
  }
  void gather_beside(std::byte* to, std::span<const std::byte* const> pieces, std::size_t bytes_each,
                     Mark after) override {
    work_->until(after);
    under_->gather_beside(to, pieces, bytes_each, 0);
  }
  Mark download_beside(std::span<std::byte> to, const std::byte* from) override {
    const Mark point = work_->asked + 1;
    Taken& taken = taken_[point];
    taken.to = to;
    taken.bytes.resize(to.size());
    work_->put([this, &taken, from] { under_->download(taken.bytes, from); });
    return point;
  }
  std::size_t free_memory() override { return all_memory() - std::min(allocated, all_memory()); }

 private:
  struct Taken {
    std::span<std::byte> to;
    std::vector<std::byte> bytes;
  };
  std::unique_ptr<Device> under_;
  std::shared_ptr<Work> work_ = std::make_shared<Work>();
  std::map<Mark, Taken> taken_;
};

}  // namespace

std::unique_ptr<Device> QueuedBackend::open(const DeviceOptions& options) const {
  return std::make_unique<QueuedDevice>(under_.open(options));
}

bool QueuedBackend::works_beside_host() const {
  const char* text = std::getenv("FCNGRAPH_QUEUED_BESIDE");
  return text == nullptr || std::string_view(text) != "0";
}

}  // namespace fcngraph::testing
