// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct KernelTimes;

/// One operation with resolved types and attributes: what a pass proposes to a backend and a plan runs.
struct StepView {
  std::string_view name;
  const OpDef* op = nullptr;
  const Attrs* attrs = nullptr;
  std::vector<const TensorType*> operands;  ///< null: absent
  std::vector<const TensorType*> results;   ///< null: nobody uses it
  const Graph* body = nullptr;              ///< regions
  std::vector<bool> trained = {};           ///< operands that the same plan updates; empty: none
  bool layouts_are_final = false;           ///< operands and results lie as `capability` has answered before
};

/// What a kernel may be chosen by, from `[compile]` of the model.
struct KernelPolicy {
  std::string kernels =
      "auto";  ///< auto, onednn; for tests: winograd, winograd7x7, fourier, fourier_rows wherever they apply
  bool exact = false;
  std::string storage = "f32";
  bool deterministic = true;
  int threads = 0;              ///< 0: as many as the machine has
  DType products = DType::f32;  ///< what convolutions of f32 may round their factors to; sums and results stay f32
  std::shared_ptr<const KernelTimes> times = nullptr;  ///< what was measured on this machine, for `auto`; null: nothing
};

/// A backend's answer to a proposal.
struct Capability {
  bool supported = false;
  std::string reason;            ///< why not; or why this kernel
  std::string kernel;            ///< "onednn:jit:avx512_core", "reference"
  std::vector<Layout> operands;  ///< layouts that the kernel reads, in operand order
  std::vector<Layout> results;   ///< layouts that it writes
  std::int64_t workspace = 0;    ///< scratch bytes during the step
  double operations = 0;  ///< multiplications and additions of its products; 0: as many as the op's plain sum has

  static Capability no(std::string why) {
    Capability answer;
    answer.reason = std::move(why);
    return answer;
  }
};

/// Whether a backend can run on this machine, and in one sentence why not, or on what.
struct Probe {
  bool available = false;
  std::string text;
};

/// Memory of a device. `host()` is null where the host cannot address it.
class FCNGRAPH_API Buffer {
 public:
  virtual ~Buffer();
  virtual std::byte* device_data() noexcept = 0;
  virtual std::byte* host() noexcept = 0;
  virtual std::size_t size() const noexcept = 0;
};

/// Addresses of one launch: every operand and every result of the step in order, null where absent.
struct LaunchArgs {
  std::span<std::byte* const> operands;
  std::span<std::byte* const> results;
  std::byte* workspace = nullptr;
};

/// One step, ready to run any number of times. `launch` never allocates, never decides, and fails only when the device does.
class FCNGRAPH_API Kernel {
 public:
  virtual ~Kernel();
  virtual void launch(const LaunchArgs& args) = 0;
};

struct DeviceOptions {
  KernelPolicy policy;
};

/// A point in a device's work: behind everything that was launched when it was taken. Later points are larger; 0 has been passed.
using Mark = std::uint64_t;

/// Memory and one ordered queue of work. Not thread-safe: one session each.
///
/// Where the backend works beside the host, copies may go beside the queue too, one after the other: what the next run reads is
/// brought while this one runs, and what this one made is taken while the next one runs. Elsewhere they are plain copies, done when
/// they return.
class FCNGRAPH_API Device {
 public:
  virtual ~Device();
  /// Zeroed memory, aligned for any kernel. Throws BackendError naming the bytes wanted when there is not enough.
  virtual std::unique_ptr<Buffer> allocate(std::size_t bytes) = 0;
  virtual void upload(std::byte* to, std::span<const std::byte> from) = 0;
  virtual void download(std::span<std::byte> to, const std::byte* from) = 0;
  /// All decisions are made here. The step's types carry the layouts that `capability` asked for.
  virtual std::unique_ptr<Kernel> prepare(const StepView& step) = 0;
  /// Called before and after a run of launches, on the thread that launches.
  virtual void begin_run() {}
  virtual void end_run() {}
  virtual void synchronize() = 0;

  /// The point behind all that was launched so far.
  virtual Mark mark() { return 0; }
  /// Waits until the device has passed a point. Throws what went wrong up to there.
  virtual void wait(Mark point);
  /// Fills `to` once the device has passed `after`, beside what was launched since, which must not touch it; what is launched from
  /// now on finds it filled. `from` is the caller's again when this returns.
  virtual void upload_beside(std::byte* to, std::span<const std::byte> from, Mark after);
  /// The same from pieces of one size that lie on the device, one behind the other; null: zeros.
  virtual void gather_beside(std::byte* to, std::span<const std::byte* const> pieces, std::size_t bytes_each,
                             Mark after);
  /// Takes what lies there behind all that was launched so far; what is launched from now on may write over it. `to` is filled when
  /// the point that is returned has been waited for, and has to stay until then.
  virtual Mark download_beside(std::span<std::byte> to, const std::byte* from);
  /// Bytes that can still be allocated, where the device has memory of its own; 0: it has none.
  virtual std::size_t free_memory() { return 0; }

  /// Multiplications and additions a second that its arithmetic units reach at most in f32, with the threads that it was opened with:
  /// measured, for a few hundredths of a second. 0: not known.
  virtual double measure_peak() { return 0; }
};

/// A family of devices that can run steps. Stateless; safe to share between threads.
class FCNGRAPH_API Backend {
 public:
  virtual ~Backend();
  virtual std::string_view name() const = 0;
  virtual Probe probe() const = 0;
  /// Whether the step can run, in which layouts, by which kernel. Operand types come with the layouts that they have now; a
  /// kernel that is happy with those should answer them, since anything else costs a reorder step. The op `reorder` is asked
  /// about too: it changes a layout and nothing else. Asked again with final layouts, it answers those.
  virtual Capability capability(const StepView& step, const KernelPolicy& policy) const = 0;
  virtual std::unique_ptr<Device> open(const DeviceOptions& options) const = 0;
  /// Whether convolutions of f32 can multiply in this type here (KernelPolicy::products), and in a few words why not.
  virtual Probe multiplies_in(DType type) const;
  /// Whether its devices go on by themselves while the host does something else. Large inputs of a program have two buffers then,
  /// which take turns: one is filled while the run at hand reads the other.
  virtual bool works_beside_host() const { return false; }
  /// The words of `KernelPolicy::kernels` that each ask for one kernel, which `KernelPolicy::times` may choose from; none where steps have
  /// no choice.
  virtual std::span<const std::string_view> kernel_choices() const;
  /// What the times of kernels depend on apart from the processor, in one line: versions, instruction set, threads.
  virtual std::string times_hold_for(const KernelPolicy& policy) const;
};

/// The library's backends in order of preference, as the build found them.
FCNGRAPH_API std::span<const Backend* const> builtin_backends();

}  // namespace fcngraph
