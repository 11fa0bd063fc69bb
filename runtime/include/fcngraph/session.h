// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fcngraph/weights.h>

namespace fcngraph {

/// What an input may be given as: an image is preprocessed as the model says, a tensor is taken as it is.
using InputValue = std::variant<Image, Tensor>;

/// Outputs by name. `result["fcn8s"]` are the logits of that head, [N, C, H, W].
class FCNGRAPH_API Result {
 public:
  /// Throws GraphError naming what is there.
  const Tensor& operator[](const std::string& name) const;
  bool contains(const std::string& name) const { return tensors_.count(name) > 0; }
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }
  void set(const std::string& name, Tensor tensor) { tensors_.insert_or_assign(name, std::move(tensor)); }

 private:
  std::map<std::string, Tensor> tensors_;
};

/// Seconds of one step, for profiles.
struct StepTime {
  std::string name, op, kernel;
  double seconds = 0;
  double flops = 0;       ///< of the op as it is defined: a direct convolution
  double operations = 0;  ///< of the products that the kernel computes instead, where they are others; transforms apart
  double bytes = 0;
};

/// A program with weights and device memory. Not thread-safe: one session a thread; sessions that share weights share a thread.
class FCNGRAPH_API Session {
 public:
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// Runs once. Inputs that a mode has: "image" [N, 3, H, W] f32, preprocessed, or u8 [N, H, W, 3], as it is decoded; "labels"
  /// [N, H, W] u8 (eval, train); "sample_keys" [N] i64, "lr" f32 and "step" i64 (train); of a program in parts also "normalizer" f32,
  /// the valid pixels of the whole batch, and "keep_gradients" f32, 0 in the first part and 1 after it; with train.loss_scale also
  /// "loss_scale" f32, which gradients are multiplied by and updates take out: an output "finite" of 0 says that nothing was updated.
  /// Throws GraphError naming `compile` when a size is another one, and when a label is neither a class nor `ignore`.
  Result run(const std::map<std::string, InputValue>& inputs);
  /// The same, leaving outputs on the device; `read` fetches one. Without updates for each part of a batch but the last.
  void step(const std::map<std::string, Tensor>& inputs, bool updates = true);
  /// `step` in two: a device that works beside the host runs between them.
  void start(const std::map<std::string, Tensor>& inputs, bool updates = true);
  void finish();
  bool works_beside_host() const;
  /// Brings inputs of the next run to such a device while the run that was started goes on; those of them that are given
  /// again before it are left alone. They are the caller's again when this returns. Does nothing elsewhere.
  void prepare_next(const std::map<std::string, Tensor>& inputs);
  /// `run` in two: several may be begun before the first is ended, and what one of them makes is taken while the next one runs.
  /// `end` gives the outputs of the earliest.
  void begin(const std::map<std::string, Tensor>& inputs);
  Result end();
  /// Forgets what was prepared and what was begun: after an error, or when another run comes next.
  void forget();
  Tensor read(const std::string& output) const;
  /// The bytes of samples of an output from `first` on, as many as `to` holds, as the program leaves them, in its layout. Throws
  /// GraphError when it has no such samples.
  void read_samples(const std::string& output, std::int64_t first, std::span<std::byte> to) const;

  /// Parameters and states as they are now: by name, plain layout.
  Weights weights() const;
  /// Replaces tensors by name; others keep their values. Runs the setup steps again.
  void set_weights(const Weights& weights);
  const WeightsReport& report() const;
  /// One run with a clock around each step.
  std::vector<StepTime> profile(const std::map<std::string, Tensor>& inputs);
  /// Multiplications and additions a second that the machine reaches at most, measured now; 0 where the backend does not know.
  double measure_peak();
  /// Bytes of the arena and of what stays resident.
  std::int64_t peak_bytes() const;

  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace fcngraph
