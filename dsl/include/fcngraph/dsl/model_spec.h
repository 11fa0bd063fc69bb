// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/engine/attrs.h>
#include <fcngraph/engine/value_range.h>

namespace fcngraph::dsl {

/// A value read from a file, with its place. `span.file` is null for defaults.
template <class T>
struct Spanned {
  T value{};
  SourceSpan span;
  bool given() const noexcept { return span.file != nullptr; }
  const T& operator*() const noexcept { return value; }
};

/// `[[node]]`: any op of the table with named inputs, or a `[block.NAME]` written out `repeat` times.
/// What is not a key of the form itself stays in `attrs`, to be read by the op's schema or the block's parameters.
struct NodeSpec {
  Spanned<std::string> name;
  Spanned<std::string> op;                   ///< empty when `block` is given
  Spanned<std::string> block;                ///< empty when `op` is given
  std::vector<Spanned<std::string>> inputs;  ///< empty: the node before this one
  Spanned<std::int64_t> repeat{1, {}};
  Spanned<std::string> activation{"linear", {}};  ///< linear, relu, softmax
  Spanned<double> dropout{0.0, {}};
  Spanned<std::string> init;               ///< of the weight: he, glorot, zeros, ones, bilinear; empty: the op's own
  std::optional<Spanned<bool>> bias;       ///< unset: the op's own choice
  std::optional<Spanned<bool>> trainable;  ///< unset: as [model] or [backbone] says
  Spanned<std::string> weights_from;       ///< name of the layer in imported weights
  AttrMap attrs;
  AttrSpans attr_spans;  ///< of the values
  AttrSpans key_spans;   ///< of the keys, for "unknown key"
  SourceSpan span;
};

/// `[block.NAME]`: nodes with parameters. A node inside reads "$parameter" in any attribute, `{i}` in its name is the
/// repetition from 1, and the input name "input" is what the block was given (the repetition before, from the second on).
struct BlockSpec {
  Spanned<std::string> name;
  std::vector<Spanned<std::string>> parameters;
  std::vector<NodeSpec> nodes;
  SourceSpan span;
};

/// `[backbone]`, with the nodes of the file that `use` names.
struct BackboneSpec {
  Spanned<std::string> use;
  std::vector<Spanned<std::string>> taps;  ///< empty: every node may be tapped
  Spanned<std::string> weights_file;
  Spanned<std::string> weights_layout{"auto", {}};
  std::optional<Spanned<bool>> trainable;
  std::vector<NodeSpec> nodes;
  std::map<std::string, BlockSpec> blocks;
  SourceSpan span;
};

/// `[[dense_conv]]`: a fully connected layer run as a convolution.
struct DenseConvSpec {
  Spanned<std::string> name, from, weights_from;
  Spanned<std::int64_t> kernel{1, {}}, filters;
  Spanned<std::string> padding{"same", {}};  ///< same, valid
  Spanned<std::string> activation{"relu", {}};
  Spanned<bool> bias{true, {}};
  Spanned<double> dropout{0.0, {}};
  Spanned<std::string> init;
  std::optional<Spanned<bool>> trainable;
  SourceSpan span;
};

/// `[[head]]`: a linear 1x1 score convolution on `from`, aligned and added to the coarser head `fuse`, upsampled to the input.
struct HeadSpec {
  Spanned<std::string> name, from, fuse;
  Spanned<std::int64_t> upsample{1, {}};               ///< factor from the score to the input
  Spanned<std::string> upsample_kind{"bilinear", {}};  ///< bilinear, nearest, conv2d_transpose
  std::optional<Spanned<bool>> upsample_trainable;     ///< conv2d_transpose; unset: as the head
  Spanned<std::string> align{"exact", {}};             ///< exact: sizes must meet; crop: the larger one is cut (Caffe)
  Spanned<std::string> activation{"linear", {}};       ///< of the score convolution: linear, relu
  Spanned<std::string> init;  ///< empty: zeros for a head that fuses, glorot for one that does not
  Spanned<bool> bias{true, {}};
  Spanned<bool> classifier{false, {}};  ///< one more 1x1 convolution, of classes to classes, that no other head fuses
  Spanned<std::string> output{"logits", {}};  ///< logits; probabilities: softmax first, then upsampled
  std::optional<Spanned<double>> scale;       ///< unset: "auto", 1/RMS of the tapped feature
  std::optional<Spanned<bool>> trainable;
  Spanned<double> loss_weight{1.0, {}};
  SourceSpan span;
};

/// `loss = { kind, on, clip, normalize, class_weights }`
struct LossSpec {
  Spanned<std::string> kind{"cross_entropy", {}};
  Spanned<std::string> on{"logits", {}};        ///< logits; probabilities: as Keras computes it, with its clip
  Spanned<double> clip{1e-7, {}};               ///< of probabilities
  Spanned<std::string> normalize{"valid", {}};  ///< valid: the mean over valid pixels; none: their sum
  std::vector<double> class_weights;            ///< empty: all 1
  SourceSpan class_weights_span;
};

/// `optimizer = { kind, lr, ... }`; the defaults are Keras's.
struct OptimizerSpec {
  Spanned<std::string> kind{"adamw", {}};  ///< sgd, adam, adamw
  Spanned<double> lr{1e-3, {}};
  Spanned<double> weight_decay{1e-4, {}};      ///< adamw only
  std::vector<Spanned<std::string>> no_decay;  ///< adamw only: globs over the parameters that it leaves out
  Spanned<double> momentum{0.0, {}};           ///< sgd only
  Spanned<bool> nesterov{false, {}};           ///< sgd only
  Spanned<double> beta1{0.9, {}}, beta2{0.999, {}}, epsilon{1e-7, {}};
};

/// `{ match = "*.weight", value = 1e-5 }`: a number for the parameters whose names match the glob.
struct FactorSpec {
  Spanned<std::string> match;
  Spanned<double> value;
};

/// `loss_scale = "dynamic"`, "off", or a number.
struct LossScaleSpec {
  enum class Kind { unset, off, dynamic, fixed };
  Kind kind = Kind::unset;  ///< unset: dynamic where gradients are kept in f16, off elsewhere
  double value = 1;         ///< fixed
  SourceSpan span;
};
/// Loss scales lie between these, both powers of two.
inline constexpr double kLeastLossScale = 1, kMostLossScale = 1 << 24;

struct TrainSpec {
  LossSpec loss;
  OptimizerSpec optimizer;
  std::vector<FactorSpec> l2;        ///< value * sum(w^2) is added to the loss
  std::vector<FactorSpec> lr_scale;  ///< the learning rate is multiplied by the values of all that match
  Spanned<std::int64_t> epochs{20, {}};
  Spanned<std::int64_t> batch{32, {}};
  Spanned<std::string> schedule{"cosine", {}};  ///< cosine, constant
  std::optional<Spanned<std::int64_t>> warmup;  ///< steps; unset: min(200, 5 % of all steps)
  Spanned<double> clip_norm{1.0, {}};           ///< 0: off
  LossScaleSpec loss_scale;
  Spanned<bool> shuffle{true, {}};
  Spanned<bool> flip{false, {}};                ///< random horizontal flips
  Spanned<std::int64_t> validate_every{1, {}};  ///< epochs
  Spanned<std::int64_t> seed{0, {}};
  Spanned<std::string> doctor{"warn", {}};  ///< warn, stop, off
  SourceSpan span;
};

/// `[compile]`
struct CompileSpec {
  Spanned<std::string> kernels{"auto", {}};  ///< auto, autotune, estimate (auto without what was measured), onednn
  Spanned<bool> exact{false, {}};
  Spanned<std::string> storage{"f32", {}};  ///< f32, f16, bf16
  Spanned<bool> deterministic{true, {}};
  Spanned<bool> keep_packed{true, {}};  ///< in a folder beside the weights
  Spanned<std::string> ranges;          ///< a file of what values reach, by `fcngraph ranges`; empty: none
  std::map<std::string, ValueRange, std::less<>> range_of;  ///< what it says, by name of the value
};

/// `[cache]`: what is kept of samples while training. Sizes in bytes; 0: as the machine allows.
struct CacheSpec {
  Spanned<std::int64_t> limit{0, {}};       ///< in memory
  Spanned<std::int64_t> disk_limit{0, {}};  ///< in the folder of --cache DIR
  Spanned<std::string> storage{"f32", {}};  ///< f32, f16
};

/// `[model] trainable`: "heads", "all", or globs over parameter names and parts ("block5_*", "fc*", "head:*").
struct TrainableSpec {
  enum class Kind { heads, all, globs };
  Kind kind = Kind::heads;
  std::vector<Spanned<std::string>> globs;
  SourceSpan span;
};

/// `[[stage]]`: a part of a training run, with heads, parameters and an optimiser of its own.
struct StageSpec {
  Spanned<std::string> name;
  std::optional<TrainableSpec> trainable;   ///< unset: as [model] says
  std::vector<Spanned<std::string>> heads;  ///< those with a loss; empty: all
  Spanned<std::string> init_from{"last",
                                 {}};  ///< of the stage before: last, best; or an earlier stage's name: its last
  TrainSpec train;                     ///< [train] with the keys of the stage on top
  SourceSpan span;
};

/// What the file says, one field a key, each with its place; nothing is inferred here.
struct ModelSpec {
  std::string path;
  Spanned<std::string> name;
  std::vector<Spanned<std::string>> classes;  ///< empty: they come from the data
  SourceSpan classes_span;
  Spanned<std::int64_t> height{224, {}}, width{224, {}}, channels{3, {}};
  Spanned<std::string> preprocess{"caffe", {}};  ///< caffe, caffe_fcn, tf, torch, none
  TrainableSpec trainable;
  BackboneSpec backbone;
  std::map<std::string, BlockSpec> blocks;
  std::vector<DenseConvSpec> dense_convs;
  std::vector<NodeSpec> nodes;
  std::vector<HeadSpec> heads;
  std::vector<HeadSpec> other_heads;  ///< in the spec of one stage: those without a loss, of which some are fused
  std::vector<StageSpec> stages;      ///< empty: [train] is all there is
  std::map<std::string, std::string> block_results;  ///< each use of a block ("level3") and the node whose result it is
  TrainSpec train;
  CompileSpec compile;
  CacheSpec cache;
  DataSpec data;
  std::string resolved;  ///< the whole model as one TOML document, `use` and `--set` merged in
};

}  // namespace fcngraph::dsl
