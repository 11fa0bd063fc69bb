// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/fused_loss_body.h>

#include <algorithm>
#include <map>

#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>

namespace fcngraph {
namespace {

class BodyReader {
 public:
  explicit BodyReader(const Graph& body) : body_(body), inputs_(body.values_with(Role::input)) {}

  FusedLossReading run() {
    for (const NodeId id : body_.order()) {
      const Node& node = body_.node(id);
      if (!take(node))
        return {{}, "node '" + node.name + "' ('" + node.op->name + "') is not part of a loss on upsampled scores"};
    }
    if (!loss_sum_.valid()) return {{}, "its body has no cross_entropy"};
    for (std::size_t r = 0; r < body_.outputs().size(); ++r) {
      const auto& [name, value] = body_.outputs()[r];
      int* place = result_of(value);
      if (place == nullptr) return {{}, "result '" + name + "' would have to be stored at the input's size"};
      if (*place >= 0) return {{}, "result '" + name + "' is asked for twice"};
      *place = static_cast<int>(r);
    }
    return {out_, {}};
  }

 private:
  bool take(const Node& node) {
    using Rule = bool (BodyReader::*)(const Node&);
    static const std::map<std::string, Rule> rules{
        {"upsample", &BodyReader::upsample},
        {"crop", &BodyReader::crop},
        {"cross_entropy", &BodyReader::cross_entropy},
        {"mean_loss", &BodyReader::mean_loss},
        {"argmax", &BodyReader::argmax},
        {"mean_loss_grad", &BodyReader::mean_loss_grad},
        {"cross_entropy_grad", &BodyReader::cross_entropy_grad},
        {"pad", &BodyReader::pad},
        {"upsample_grad", &BodyReader::upsample_grad},
    };
    const auto rule = rules.find(node.op->name);
    return rule != rules.end() && (this->*rule->second)(node);
  }

  // The operand that this input of the body stands for; an absent one is accepted where `optional`.
  bool bind(int& place, ValueId id, bool optional = false) {
    if (!id.valid()) return optional && place < 0;
    const auto found = std::find(inputs_.begin(), inputs_.end(), id);
    if (found == inputs_.end()) return false;
    const int operand = static_cast<int>(found - inputs_.begin());
    if (place >= 0 && place != operand) return false;
    place = operand;
    return true;
  }
  static bool set(ValueId& place, ValueId id) { return !place.valid() && (place = id, true); }

  bool upsample(const Node& node) {
    out_.upsampling = node.attrs.as<UpsampleAttrs>();
    logits_ = node.results[0];
    return bind(out_.score, node.operands[0]) && set(upsampled_, node.results[0]);
  }
  bool crop(const Node& node) {
    if (loss_sum_.valid() || cropped_.valid() || node.operands[0] != upsampled_) return false;
    out_.crop = node.attrs.as<CropAttrs>().pads;
    logits_ = node.results[0];
    return set(cropped_, node.results[0]);
  }
  bool cross_entropy(const Node& node) {
    out_.ignore = node.attrs.as<CrossEntropyAttrs>().ignore;
    count_ = node.results[1];
    return logits_.valid() && node.operands[0] == logits_ && bind(out_.labels, node.operands[1]) &&
           bind(out_.class_weights, node.operands[2], true) && set(loss_sum_, node.results[0]);
  }
  bool mean_loss(const Node& node) {
    return loss_sum_.valid() && node.operands[0] == loss_sum_ && node.operands[1] == count_ &&
           same_normalizer(node.operands[2]) && set(loss_, node.results[0]);
  }
  bool argmax(const Node& node) {
    return logits_.valid() && node.operands[0] == logits_ && set(predicted_, node.results[0]);
  }
  bool mean_loss_grad(const Node& node) {
    return loss_sum_.valid() && bind(out_.grad, node.operands[0]) && node.operands[1] == count_ &&
           same_normalizer(node.operands[2]) && set(grad_loss_sum_, node.results[0]);
  }
  bool cross_entropy_grad(const Node& node) {
    grad_logits_ = node.results[0];
    return loss_sum_.valid() && node.operands[0] == logits_ && bind(out_.labels, node.operands[1]) &&
           node.operands[2].valid() == (out_.class_weights >= 0) && bind(out_.class_weights, node.operands[2], true) &&
           grad_loss_sum_.valid() && node.operands[3] == grad_loss_sum_ &&
           node.attrs.as<CrossEntropyAttrs>().ignore == out_.ignore;
  }
  bool pad(const Node& node) {
    const auto& a = node.attrs.as<PadAttrs>();
    const bool fits = cropped_.valid() && grad_logits_.valid() && node.operands[0] == grad_logits_ && a.value == 0 &&
                      a.pads == out_.crop && !padded_.valid();
    grad_logits_ = padded_ = node.results[0];
    return fits;
  }
  bool upsample_grad(const Node& node) {
    const auto& a = node.attrs.as<UpsampleAttrs>();
    return grad_logits_.valid() && padded_.valid() == cropped_.valid() && node.operands[0] == grad_logits_ &&
           a.factor == out_.upsampling.factor && a.kind == out_.upsampling.kind && set(grad_score_, node.results[0]);
  }

  // Loss and gradient are divided by the same number, or one of them is not there.
  bool same_normalizer(ValueId id) {
    const bool first = !loss_.valid() && !grad_loss_sum_.valid();
    return (first || id.valid() == (out_.normalizer >= 0)) && bind(out_.normalizer, id, true);
  }

  int* result_of(ValueId id) {
    if (id == loss_sum_) return &out_.loss_sum;
    if (id == count_) return &out_.count;
    if (id == loss_) return &out_.loss;
    if (id == predicted_) return &out_.predicted;
    return id == grad_score_ ? &out_.grad_score : nullptr;
  }

  const Graph& body_;
  std::vector<ValueId> inputs_;
  FusedLossBody out_;
  ValueId upsampled_, cropped_, logits_, loss_sum_, count_, loss_, predicted_;
  ValueId grad_loss_sum_, grad_logits_, padded_, grad_score_;
};

}  // namespace

FusedLossReading read_fused_loss(const Graph& body) { return BodyReader(body).run(); }

}  // namespace fcngraph
