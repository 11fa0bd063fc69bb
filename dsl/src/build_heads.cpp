// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fcngraph/engine/explain_size.h>

#include "graph_builder.h"

namespace fcngraph::dsl {
namespace {

std::string pixels(const TensorType& type) {
  return std::to_string(type.shape[2]) + "x" + std::to_string(type.shape[3]);
}

const HeadSpec* find_head(const ModelSpec& spec, const std::string& name) {
  for (const auto* heads : {&spec.heads, &spec.other_heads}) {
    for (const HeadSpec& head : *heads) {
      if (*head.name == name) return &head;
    }
  }
  return nullptr;
}

class HeadBuilder {
 public:
  HeadBuilder(GraphBuilder& builder, const HeadSpec& head)
      : b_(builder), head_(head), name_(*head.name), trainable_(b_.is_trainable(Part::head, name_, head.trainable)) {}

  void run() {
    const ValueId tap = b_.find(*head_.from);
    if (!tap.valid()) return;
    b_.define(name_ + ".tap", tap);
    if (b_.type(tap).shape.rank() != 4)
      return b_.diagnostics().error("E0207", head_.from.span,
                                    "head '" + name_ + "' reads '" + *head_.from + "', which is " +
                                        to_string(b_.type(tap)) + ", not an image feature");
    const ValueId feature = scaled(tap);
    const ValueId score = fuses() ? fuse(feature) : score_conv(feature, name_ + ".score");
    if (!score.valid()) return;
    b_.define(name_ + ".score", score);
    const ValueId classified = *head_.classifier ? classifier(score) : score;
    if (!classified.valid()) return;
    const ValueId output = to_input_size(upsampled(as_output(classified), *head_.upsample, name_ + ".upsampled"));
    if (output.valid()) b_.define(name_, output);
  }

 private:
  std::string why(ValueId x) const { return explain_size(b_.rewriter().graph(), x); }
  bool fuses() const { return !(*head_.fuse).empty(); }

  // A head's feature is scaled by 1 / RMS, measured before training: taps differ in size by orders of magnitude, and a score that
  // starts in the hundreds saturates the loss.
  ValueId scaled(ValueId tap) {
    if (!head_.scale) {
      const ValueId factor = b_.rewriter().add_state(name_ + ".scale", {b_.options().dtype, Shape{}, {}},
                                                     {Initializer::Kind::ones, 0}, head_.span);
      return b_.add_node(name_ + ".scaled", "scale", {}, {tap, factor}, head_.span);
    }
    if (**head_.scale == 1.0) return tap;
    return b_.add_node(name_ + ".scaled", "scale", {{"value", **head_.scale}}, {tap}, head_.scale->span);
  }

  ValueId score_conv(ValueId feature, const std::string& name) {
    Layer layer;
    layer.name = name;
    layer.params = name_;
    layer.op = "conv2d";
    layer.inputs = {feature};
    layer.attrs = {{"filters", b_.options().classes}};
    layer.activation = *head_.activation;
    layer.init = !(*head_.init).empty() ? *head_.init : fuses() ? "zeros" : "glorot";
    layer.bias = *head_.bias;
    layer.part = Part::head;
    layer.trainable = trainable_;
    layer.span = head_.span;
    return b_.add_layer(layer);
  }

  ValueId classifier(ValueId score) {
    Layer layer;
    layer.name = name_ + ".classifier";
    layer.op = "conv2d";
    layer.inputs = {score};
    layer.attrs = {{"filters", b_.options().classes}};
    layer.init = "glorot";
    layer.part = Part::head;
    layer.trainable = trainable_;
    layer.span = head_.classifier.span;
    return b_.add_layer(layer);
  }

  ValueId as_output(ValueId score) {
    if (*head_.output == "logits") return score;
    return b_.add_node(name_ + ".probabilities", "softmax", {}, {score}, head_.output.span);
  }

  ValueId fuse(ValueId feature) {
    const ValueId coarse = b_.find(*head_.fuse + ".score");
    const ValueId own = score_conv(feature, name_ + ".conv");
    if (!coarse.valid() || !own.valid()) return {};
    const HeadSpec* other = find_head(b_.spec(), *head_.fuse);
    FCNGRAPH_ASSERT(other != nullptr, "the reader has checked what heads fuse");
    const std::int64_t factor =
        std::max<std::int64_t>(*other->upsample / std::max<std::int64_t>(*head_.upsample, 1), 1);
    const ValueId up = upsampled(coarse, factor, name_ + ".coarse");
    if (!up.valid()) return {};
    if (crops() && b_.type(up).shape != b_.type(own).shape)
      return b_.add_node(name_ + ".score", "add", {}, {cropped(own, up, name_ + ".cropped"), up}, head_.span);
    if (b_.type(up).shape != b_.type(own).shape) {
      b_.diagnostics().error(
          "E0207", head_.fuse.span,
          "head '" + name_ + "' does not meet '" + *head_.fuse + "': '" + *head_.from + "' is " + pixels(b_.type(own)) +
              ", '" + *head_.fuse + "' upsampled by " + std::to_string(factor) + " is " + pixels(b_.type(up)),
          {},
          {"the factor is the quotient of the heads' 'upsample': " + std::to_string(*other->upsample) + " / " +
               std::to_string(*head_.upsample),
           why(own), why(up)});
      return {};
    }
    return b_.add_node(name_ + ".score", "add", {}, {own, up}, head_.span);
  }

  bool crops() const { return *head_.align == "crop"; }

  // Where the two lie over each other is for align_crops to find out, as Caffe's nets have it (Long et al. 2015).
  ValueId cropped(ValueId x, ValueId like, const std::string& name) {
    return b_.add_node(name, "crop", {}, {x, like}, head_.align.span);
  }

  ValueId upsampled(ValueId x, std::int64_t factor, const std::string& name) {
    if (factor == 1) return x;
    if (*head_.upsample_kind != "conv2d_transpose")
      return b_.add_node(name, "upsample", {{"factor", factor}, {"kind", *head_.upsample_kind}}, {x},
                         head_.upsample.span);
    // One kernel a class, which starts as bilinear interpolation (Long et al. 2015).
    Layer layer;
    layer.name = name;
    layer.op = "conv2d_transpose";
    layer.inputs = {x};
    layer.attrs = {{"filters", b_.options().classes},
                   {"kernel", 2 * factor - factor % 2},
                   {"stride", factor},
                   {"groups", b_.options().classes}};
    // A crop takes from the full output what lies over the image; without one it has the image's size at once.
    if (crops()) layer.attrs.emplace("padding", "valid");
    layer.init = "bilinear";
    layer.bias = false;
    layer.part = Part::head;
    layer.trainable = trainable_ && (!head_.upsample_trainable || **head_.upsample_trainable);
    layer.span = head_.upsample_kind.span;
    return b_.add_layer(layer);
  }

  // What the padding of the input has added is cut off again.
  ValueId to_input_size(ValueId x) {
    if (!x.valid()) return {};
    const Shape& have = b_.type(x).shape;
    const std::int64_t bottom = have[2] - b_.options().height, right = have[3] - b_.options().width;
    const TensorType& padded = b_.type(b_.find("image"));
    const bool meets = have[2] == padded.shape[2] && have[3] == padded.shape[3];
    if (crops() && !meets) return cropped(x, b_.find("image"), name_);
    if (!meets) {
      b_.diagnostics().error("E0207", head_.upsample.given() ? head_.upsample.span : head_.span,
                             "head '" + name_ + "' does not meet the input: its score upsampled by " +
                                 std::to_string(*head_.upsample) + " is " + pixels(b_.type(x)) + ", the input is " +
                                 pixels(padded),
                             {}, {why(x)});
      return {};
    }
    if (bottom == 0 && right == 0) return x;
    return b_.add_node(name_, "crop", {{"pads", std::vector<std::int64_t>{0, 0, bottom, right}}}, {x}, head_.span);
  }

  GraphBuilder& b_;
  const HeadSpec& head_;
  std::string name_;
  bool trainable_;
};

bool asked(const HeadSpec& head, const BuildOptions& options) {
  return options.heads.empty() ||
         std::find(options.heads.begin(), options.heads.end(), *head.name) != options.heads.end();
}

}  // namespace

std::vector<const HeadSpec*> asked_heads(const ModelSpec& spec, const BuildOptions& options) {
  std::vector<const HeadSpec*> out;
  for (const HeadSpec& head : spec.heads) {
    if (asked(head, options)) out.push_back(&head);
  }
  // Those without a loss can be asked for by name.
  for (const HeadSpec& head : spec.other_heads) {
    if (!options.heads.empty() && asked(head, options)) out.push_back(&head);
  }
  return out;
}

std::vector<const HeadSpec*> needed_heads(const ModelSpec& spec, const BuildOptions& options) {
  std::vector<const HeadSpec*> out;
  // The heads that one fuses come before it.
  const auto add = [&](const HeadSpec* head) {
    const auto at = static_cast<std::ptrdiff_t>(out.size());
    for (; head != nullptr && std::find(out.begin(), out.end(), head) == out.end(); head = find_head(spec, *head->fuse))
      out.insert(out.begin() + at, head);
  };
  for (const HeadSpec* head : asked_heads(spec, options)) add(head);
  return out;
}

std::vector<const HeadSpec*> heads_of(const ModelSpec& spec) { return needed_heads(spec, {}); }

void build_heads(GraphBuilder& builder) {
  for (const HeadSpec* head : needed_heads(builder.spec(), builder.options())) HeadBuilder(builder, *head).run();
}

}  // namespace fcngraph::dsl
