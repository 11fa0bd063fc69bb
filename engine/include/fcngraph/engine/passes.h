// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/pass.h>

namespace fcngraph {

/// Infers the types of all results anew and reports every node whose operands do not fit, with what made the sizes that differ.
/// Nodes that a Rewriter added have right types already: this is for graphs that come from elsewhere, and for operands that were
/// exchanged since. Runs first.
FCNGRAPH_API bool infer_shapes(Rewriter& rewriter, const PassContext& context);

/// Finds where each crop to the size of another tensor has to cut: both are followed back to their nearest common ancestor, and
/// the ops' coordinate maps, composed along the two ways, say which pixels lie over each other (Caffe's crop offsets: 19 for
/// FCN-32s; 5, 27; 5, 9, 31). The operand `like` becomes `pads`. Reports E0305 where there is no common ancestor, a pixel is not
/// as large, or the place is half a pixel or outside. Runs before differentiate.
FCNGRAPH_API bool align_crops(Rewriter& rewriter, const PassContext& context);

/// States whose names begin so hold sums of gradients, which mean nothing between two batches.
inline constexpr std::string_view kGradientSum = "gradient_sum.";
/// Where a 1x1 convolution reads an upsampled feature, upsamples its scores instead, when that takes fewer operations: both are
/// linear, and interpolation weights sum to 1, so that a bias stays one. Scales in between go along; anything else in between, or a
/// second user of the feature, and it stays. Changes the rounding: not with `compile.exact`. Runs before differentiate, so that
/// gradients take the cheap way too, and after eliminate_dead, since a user that is dead would be one.
FCNGRAPH_API bool commute_score_upsample(Rewriter& rewriter, const PassContext& context);

/// The input that gradients are multiplied by where the optimiser's options ask for it: one number, of the loss's type.
inline constexpr std::string_view kLossScale = "loss_scale";
/// Appends gradient nodes for `context.loss`, a rank-0 value, in reverse order of execution, and only where something trainable
/// depends on them; a loss that has weight 0 in the sum has none. Sums the contributions of a value that is used more than once in
/// one `add`. The gradient of each trainable parameter P that the loss depends on becomes the output "grad.P", times the input
/// "loss_scale" with `optimizer.scale_loss`. Runs in training, before any fusion: the gradient of a fused node is refused.
FCNGRAPH_API bool differentiate(Rewriter& rewriter, const PassContext& context);

/// Where a batch goes through in several parts: adds up each "grad.P" over the parts in the state "gradient_sum.P", and divides
/// losses by the input "normalizer", the pixels of the whole batch. The input "keep_gradients" (f32) is 0 in the first part, which
/// starts anew. Forward and backward steps are run for each part, update steps after the last. Runs after differentiate.
FCNGRAPH_API bool accumulate_gradients(Rewriter& rewriter, const PassContext& context);

/// Turns the outputs "grad.P" into updates of P by one named chain: L2 term, squared norms, loss scale taken out, global-norm clip
/// and finiteness check, optimiser step. Adds the inputs "lr" (f32) and "step" (i64, from 1), the states "optimizer.P.NAME", and
/// the outputs "grad_norm" and "finite". A gradient that is not finite changes nothing. Runs after differentiate.
FCNGRAPH_API bool insert_updates(Rewriter& rewriter, const PassContext& context);

/// Outside training, replaces nodes that are identities there (dropout) by their operand.
FCNGRAPH_API bool drop_identities(Rewriter& rewriter, const PassContext& context);

/// Keeps one of nodes with the same op, attributes and operands: heads share their backbone, however they were written.
FCNGRAPH_API bool merge_duplicates(Rewriter& rewriter, const PassContext& context);

/// Removes nodes that no output and no update depends on.
FCNGRAPH_API bool eliminate_dead(Rewriter& rewriter, const PassContext& context);

/// Replaces nodes all of whose operands are constants by constants, computed by the reference loops, where their results have at
/// most 64 KiB. Parameters and states are no constants: they are bound after compilation. Runs before differentiate;
/// what training adds runs once, as setup.
FCNGRAPH_API bool fold_constants(Rewriter& rewriter, const PassContext& context);

/// Has the ops that the context's policy names read and write its 16-bit type, with a `cast` where a value passes from them to
/// others or back (one for each value). Parameters stay in f32 and are cast where they are read; so are outputs. Does nothing in
/// f32. Where the policy has ranges, what reads or makes a value that f16 does not hold stays in f32. Reports E0306 for the first
/// step that the backend cannot run so, E0307 where ranges are missing. Runs after differentiate, whose gradients are narrow like
/// what they are gradients of, and before all that asks what the backend fuses.
FCNGRAPH_API bool apply_precision_policy(Rewriter& rewriter, const PassContext& context);

/// Marks the nodes whose results are the same whenever a sample is seen, `Phase::feature`: they hang on the image, constants and
/// frozen tensors that no node updates alone, draw no random numbers and mix no samples. What of it others read is the cut. It is
/// drawn back over nodes that cost next to nothing where that makes it smaller, and over every `scale`, so that heads that tap the same
/// value share it and a factor that is measured before the first step is not part of it. Marks nothing where computing again is
/// cheaper than keeping. Runs after differentiate and before any fusion, which the cut is a border to.
FCNGRAPH_API bool split_frontier(Rewriter& rewriter, const PassContext& context);

/// Folds a ReLU, or an addition and the ReLU after it, into the convolution before, and a 2x2 max pooling after a ReLU, when the
/// convolution has no other user and the backend says that it can; never across the cut of split_frontier. Runs after
/// differentiate: the gradient of ReLU reads its output, which the fused step makes, and that of a pooling reads where the largest
/// was, which a fused step does not say.
FCNGRAPH_API bool fuse_epilogues(Rewriter& rewriter, const PassContext& context);

/// Makes one `region` of each head's loss: upsampling, crop, cross_entropy, mean_loss, argmax, and in training the gradient back to
/// the score, so that a backend need not store logits or their gradient at the input's size. Only where nothing else reads the
/// logits, none of it lies before the cut of split_frontier, and the backend says that it can run the body. Runs after
/// differentiate, which cannot look into a region; before assign_layouts, since the region has a kernel of its own.
FCNGRAPH_API bool fuse_regions(Rewriter& rewriter, const PassContext& context);

/// Where `context.recompute` is above 1, cuts the forward part into so many segments with the same share of the bytes that backward
/// steps read, and lets only what leaves a segment live that long (Chen et al. 2016): what lies inside all but the last is made
/// again, by clones called `<node>.again`, just before its first backward reader. Results of nodes that update a state are kept. The
/// same bits. Runs after fusion, which decides what there is to keep, and after the last merge_duplicates.
FCNGRAPH_API bool recompute(Rewriter& rewriter, const PassContext& context);

/// Asks the backend, in order of execution, in which layouts each node writes its results, given those of its operands, and writes
/// them into the graph. Saved tensors and inputs are plain. Reports E0303 with the backend's own reason for each node that it
/// cannot run. Runs after all that makes or fuses nodes.
FCNGRAPH_API bool assign_layouts(Rewriter& rewriter, const PassContext& context);

/// Inserts a `reorder` where a node reads a value otherwise than it lies, one for each layout of a value. Outputs are plain, and
/// what is kept at the cut of split_frontier lies by sample. Runs after assign_layouts.
FCNGRAPH_API bool insert_reorders(Rewriter& rewriter, const PassContext& context);

/// Writes into each node the kernel that the backend runs it by in these layouts, why, and its workspace. Runs after
/// insert_reorders, when every layout is final.
FCNGRAPH_API bool choose_kernels(Rewriter& rewriter, const PassContext& context);

/// Marks nodes that depend on nothing but constants and saved tensors that this plan does not change: they run once, when the
/// weights are set (packing of frozen weights). Runs after insert_reorders, which makes most of them.
FCNGRAPH_API bool split_setup(Rewriter& rewriter, const PassContext& context);

/// Chooses the order of least peak memory, workspaces and sharing in place counted, of three: as written, and list scheduling
/// forwards and backwards by the bytes that each step adds. Setup steps come first, updates last, and a saved tensor is read on
/// the side of its update on which it was written. Runs last: memory is laid out for this order.
FCNGRAPH_API bool order_steps(Rewriter& rewriter, const PassContext& context);

}  // namespace fcngraph
