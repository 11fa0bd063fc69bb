// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include "kernel_def.h"
#include "known_faults.h"
#include "measured.h"
#include "parallel.h"
#include "peak.h"
#include "reference_kernel.h"

namespace fcngraph::onednn {
namespace {

/// Pages straight from the system: zeroed when they are first touched, by the thread that touches them.
class HostBuffer final : public Buffer {
 public:
  explicit HostBuffer(std::size_t bytes) : size_(bytes) {
    constexpr std::size_t kHugePage = std::size_t{2} << 20;
    if (bytes > SIZE_MAX - kHugePage) fail();
    // Large blocks start at a huge page, so that the system can give them some: fewer faults and fewer misses of the TLB.
    const std::size_t align = bytes >= kHugePage ? kHugePage : 0;
    mapped_ = std::max<std::size_t>(bytes, 1) + align;
    base_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) fail();
    const auto address = reinterpret_cast<std::uintptr_t>(base_);
    const std::uintptr_t start = align == 0 ? address : (address + align - 1) / align * align;
    data_ = reinterpret_cast<std::byte*>(start);
    if (align != 0) ::madvise(data_, bytes, MADV_HUGEPAGE);
  }
  ~HostBuffer() override { ::munmap(base_, mapped_); }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  std::byte* device_data() noexcept override { return data_; }
  std::byte* host() noexcept override { return data_; }
  std::size_t size() const noexcept override { return size_; }

 private:
  [[noreturn]] void fail() const {
    const auto shown = static_cast<std::int64_t>(std::min<std::size_t>(size_, INT64_MAX));
    throw BackendError("onednn",
                       "not enough memory: " + human_bytes(shown) + " (" + std::to_string(size_) + " bytes) wanted");
  }

  std::size_t size_;
  std::size_t mapped_ = 0;
  void* base_ = nullptr;
  std::byte* data_ = nullptr;
};

/// As the op's own loop wants it, and no kernel of ours for a convolution does.
bool lies_plain(const StepView& step) {
  const auto plain = [](const TensorType* type) { return type == nullptr || type->layout.is_plain(); };
  return std::all_of(step.operands.begin(), step.operands.end(), plain) &&
         std::all_of(step.results.begin(), step.results.end(), plain);
}

}  // namespace

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

OnednnDevice::OnednnDevice(const DeviceOptions& options)
    : context_{cpu_engine(), dnnl::stream(cpu_engine()), options.policy} {}

std::unique_ptr<Buffer> OnednnDevice::allocate(std::size_t bytes) { return std::make_unique<HostBuffer>(bytes); }

void OnednnDevice::upload(std::byte* to, std::span<const std::byte> from) { copy_bytes(to, from.data(), from.size()); }

void OnednnDevice::download(std::span<std::byte> to, const std::byte* from) { copy_bytes(to.data(), from, to.size()); }

std::unique_ptr<Kernel> OnednnDevice::prepare(const StepView& step) {
  const std::string who = "step '" + std::string(step.name) + "'";
  try {
    const ThreadScope threads(context_.policy.threads);
    const KernelDef* def = find_kernel(step.op->name);
    const bool by_loop = def == nullptr || (lies_plain(step) && !known_fault(step).empty());
    // Where no layout tells which kernel was chosen, the policy does.
    const DeviceContext context{context_.engine, context_.stream, measured_policy(step, context_.policy)};
    auto kernel = by_loop ? reference_kernel(step) : def->prepare(step, context);
    if (kernel == nullptr) throw BackendError("onednn", who + " cannot run in the layouts that it was given");
    return kernel;
  } catch (const dnnl::error& e) {
    throw BackendError("onednn", who + ": " + e.what());
  } catch (const std::bad_alloc&) {
    throw BackendError("onednn", who + ": not enough memory to prepare it");
  }
}

double OnednnDevice::measure_peak() {
  const ThreadScope threads(context_.policy.threads);
  return onednn::measure_peak();
}

}  // namespace fcngraph::onednn
