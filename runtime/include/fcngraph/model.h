// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/mode.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/pass.h>
#include <fcngraph/program.h>
#include <fcngraph/weights.h>

namespace fcngraph {

namespace dsl {
struct ModelSpec;
}

struct LoadOptions {
  std::vector<std::string> set;     ///< "train.epochs=3": any key, through the same strict reader
  std::optional<std::string> data;  ///< a data TOML, or KIND:ROOT, in the place of [data]
  OpTable ops;                      ///< the library's ops, and the embedder's
};

struct CompileOptions {
  Mode mode = Mode::infer;
  std::int64_t batch = 0;              ///< 0: 1 to infer, [train] batch otherwise
  std::int64_t height = 0, width = 0;  ///< of the input in pixels; 0: as the model says
  std::string backend = "auto";        ///< auto, reference, onednn, ...
  std::string precision = "f32";
  int threads = 0;      ///< 0: as many as the machine has
  std::string kernels;  ///< auto, estimate, onednn, ...: instead of `compile.kernels`; empty: as the model says
  std::vector<std::string> heads;  ///< empty: the last one to infer, all of them otherwise; {"all"}: all
  std::vector<std::string> fetch;  ///< further values of the graph, by name
  /// What compile_split cuts at, by name; empty: where it is best, and nowhere to infer.
  std::vector<std::string> frontier;
  PipelineOptions pipeline;  ///< how the passes are run and watched
  /// Bytes that the program may need: chooses a smaller batch (train: more parts, or values computed again). 0: no limit.
  std::int64_t memory_budget = 0;
  /// To train: in how many parts, one after the other, a batch goes through. Gradients add up; results differ by rounding.
  std::int64_t parts = 1;
  /// To train: cuts the forward part into so many segments, and keeps what lies between them; what backward steps read of their
  /// inside is computed again. The same bits. 0: keeps everything.
  int recompute = 0;
};

/// A program in two: what is the same whenever a sample is seen, and the rest. `step` has the outputs of `features` as inputs, in the
/// layouts in which they lie there. Without a frozen part there is `step` alone, the whole program.
struct SplitPrograms {
  std::optional<Program> features;
  Program step;
};

struct HeadInfo {
  std::string name;
  double loss_weight = 1;
  bool gives_probabilities = false;  ///< else logits
};

struct ParameterCount {
  std::int64_t trainable = 0;
  std::int64_t frozen = 0;
};

/// A checked model file. Immutable and cheap to copy.
class FCNGRAPH_API Model {
 public:
  /// Throws GraphError with every mistake of the file.
  static Model load(const std::filesystem::path& path, const LoadOptions& options = {});
  /// The same from text; `use` paths are relative to `folder`.
  static Model parse(const std::string& text, const std::filesystem::path& folder, const LoadOptions& options = {});
  /// Every mistake of a file, shapes included, without throwing.
  static std::vector<Diagnostic> check(const std::filesystem::path& path, const LoadOptions& options = {});

  const std::string& name() const;
  std::vector<HeadInfo> heads() const;
  /// Names of the classes, from the data or from the file.
  const std::vector<std::string>& classes() const;
  std::int64_t input_height() const;
  std::int64_t input_width() const;
  /// The file of weights that `[backbone] weights` names, by its layout; no tensors where it names none. Throws what
  /// import_weights does.
  Weights pretrained() const;
  /// Elements of what trains and of what does not, with these classes.
  ParameterCount parameters() const;
  /// Names of the stages in which it is trained, in order; none where [train] is all there is.
  std::vector<std::string> stages() const;
  /// The model as that stage trains it: compiled to train or evaluate, it has the stage's heads, loss and optimiser. Throws
  /// GraphError where the stage cannot be trained.
  Model stage(std::size_t index) const;
  /// The whole model as one TOML document: `use`, `--set` and `--data` merged in. Loads to the same model.
  const std::string& resolved() const;

  /// Lowers the model for one mode, backend, batch and input size. Throws GraphError (with shapes that do not meet, values that
  /// do not exist) and BackendError (a backend that is not there, and why).
  Program compile(const CompileOptions& options = {}) const;
  /// The graph after the passes, all of them or as many as `options.pipeline` says. Throws like `compile`.
  Graph lower(const CompileOptions& options = {}) const;
  /// The same program in two, with the same kernels and so the same bits.
  SplitPrograms compile_split(const CompileOptions& options) const;

  const dsl::ModelSpec& spec() const;  ///< for the library's own parts; the type is not installed
  const OpTable& ops() const;

 private:
  struct Impl;
  explicit Model(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  struct Request;
  Request request(const CompileOptions& options) const;
  static Model finish(std::shared_ptr<Impl> impl, const LoadOptions& options, Diagnostics& diagnostics);
  std::shared_ptr<const Impl> impl_;
};

}  // namespace fcngraph
