// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph {

/// A step of a plan, taken out of it.
struct LoneStep {
  struct Operand {
    TensorType type;  ///< in the layout in which it is offered
    bool is_weight = false;
  };
  std::string name;
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<std::optional<Operand>> operands;  ///< empty: absent
  TensorType result;

  /// As a backend is asked about it. The step must outlive the view.
  StepView view() const;
};

/// One kernel of a step with memory of its own, filled with random numbers.
class KernelTimer {
 public:
  /// The kernel that `policy` asks for. Where the backend has none for a convolution that pools behind its ReLU, the two apart. Null where it
  /// has none for these either. Packs weights, and measures that.
  static std::unique_ptr<KernelTimer> make(const Backend& backend, const KernelPolicy& policy, const LoneStep& step);

  const std::string& kernel() const noexcept { return kernel_; }
  double pack_seconds() const noexcept { return pack_seconds_; }
  /// A launch, with operand 0 in the caches as far as they hold it, and nothing else: `memory`, of which there should be more than caches
  /// hold, is written first.
  double run(std::span<std::byte> memory);

 private:
  struct Launch {
    std::unique_ptr<Kernel> kernel;
    std::vector<std::byte*> operands, results;
    std::byte* workspace = nullptr;
  };

  KernelTimer(const Backend& backend, KernelPolicy policy);
  bool prepare(const LoneStep& step);
  /// Makes the step ready; operand 0 lies at `first` where that is given. Returns where the result will lie.
  struct Lying {
    TensorType type;
    Buffer* buffer = nullptr;
  };
  std::optional<Lying> add(const LoneStep& step, const Lying* first);
  Buffer& allocate(std::int64_t bytes);
  Buffer& filled(const TensorType& type);
  /// The same numbers in another layout, made by a step of the backend's own; null where it has none.
  Buffer* packed(const TensorType& from, const TensorType& to);
  double time(Launch& launch);

  const Backend& backend_;
  KernelPolicy policy_;
  std::unique_ptr<Device> device_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<Launch> launches_;
  Buffer* read_first_ = nullptr;  ///< operand 0
  std::string kernel_;
  double pack_seconds_ = 0;
};

}  // namespace fcngraph
