// SPDX-License-Identifier: Apache-2.0
#include "training/doctor_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>

namespace fcngraph::training {
namespace {

/// Of sampled pixels. Healthy runs stay under a thousandth.
constexpr double kMostSaturated = 0.02;
/// A window with fewer says nothing.
constexpr std::int64_t kLeastSample = 200;
/// A class that is ruled out, and one that is merely not there yet.
constexpr std::int64_t kRuledOutSteps = 60, kUnpredictedSteps = 1000;
/// Of the pixels: a class that is rarer may well wait longer.
constexpr double kRareClass = 0.01;
/// By how much a class lies behind on its own pixels, beyond what its frequency alone explains: a factor of e^2.
constexpr double kRuledOut = 2.0;
constexpr std::int64_t kStuckWindows = 2;
constexpr double kMostLogitRange = 30.0;
constexpr double kMostTapRatio = 20.0;
constexpr double kMostDeadChannels = 0.5;
constexpr double kLeastWaited = 2.0;
/// What all signs of a clipped loss come down to.
constexpr const char* kClipCause = ": probability-space loss is saturated";

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

double share(std::int64_t part, std::int64_t all) {
  return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : 0.0;
}

/// The class that most of the saturated pixels are of.
std::size_t worst_class(const LossSample& sample) {
  const auto most = std::max_element(sample.saturated_of.begin(), sample.saturated_of.end());
  return static_cast<std::size_t>(most - sample.saturated_of.begin());
}

/// Whether the logits speak against a class where it is the truth. A network that knows nothing but how frequent classes are has the
/// log of their ratio between them; one that learns has less.
bool is_ruled_out(const HeadWindow& window, std::size_t c) {
  const LossSample& sample = window.sample;
  if (sample.of_class[c] == 0 || window.truth[c] == 0) return false;
  const double gap = sample.gap_of[c] / static_cast<double>(sample.of_class[c]);
  const std::int64_t most = *std::max_element(window.truth.begin(), window.truth.end());
  return gap > std::log(static_cast<double>(most) / static_cast<double>(window.truth[c])) + kRuledOut;
}

std::string first_such_value(const std::string& origin) {
  return origin.empty() ? std::string() : "; the first such value is " + origin;
}

/// Whether a class has the largest logit on its own pixels, beside others that are just as large: all of them 0.
bool is_at_floor(const LossSample& sample, std::size_t c) { return sample.of_class[c] > 0 && sample.gap_of[c] == 0; }

}  // namespace

DoctorRules::DoctorRules(const Model& model) : model_(model), classes_(model.classes()) {
  const std::vector<std::int64_t> none(classes_.size());
  for (const auto& head : model.heads()) {
    history_.push_back({none, none, none, 0});
    report_.heads.push_back({head.name, 0, 0, 0, {}});
  }
}

void DoctorRules::add(Finding finding, const std::string& place) {
  if (known_.emplace(finding.sign, finding.where + '/' + place).second) report_.findings.push_back(std::move(finding));
}

std::vector<Finding> DoctorRules::take_new() {
  const std::vector<Finding> fresh(report_.findings.begin() + static_cast<std::ptrdiff_t>(told_),
                                   report_.findings.end());
  told_ = report_.findings.size();
  return fresh;
}

void DoctorRules::restore(std::vector<Finding> findings) {
  for (const auto& finding : findings) {
    // Which class it was is not kept apart: none of that head is said again.
    for (const auto& name : classes_) known_.emplace(finding.sign, finding.where + '/' + name);
    known_.emplace(finding.sign, finding.where + '/');
  }
  report_.findings = std::move(findings);
  told_ = report_.findings.size();
}

bool DoctorRules::trains(std::size_t head) const { return *model_.spec().heads.at(head).loss_weight != 0; }

bool DoctorRules::is_clipped() const { return *model_.spec().train.loss.on == "probabilities"; }

std::string DoctorRules::mend_logits(std::size_t head) const {
  const auto& spec = model_.spec().heads.at(head);
  const auto& train = model_.spec().train;
  const std::string scale = spec.scale ? fmt::format("head.{}.scale = \"auto\"", *spec.name) : std::string();
  if (is_clipped()) {
    std::string mend = "train.loss = { on = \"logits\" }";
    if (*spec.output == "probabilities") mend += fmt::format(" with head.{}.output = \"logits\"", *spec.name);
    return scale.empty() ? mend : mend + ", or " + scale;
  }
  if (!scale.empty()) return scale + ": 1/RMS of the feature";
  if (*train.clip_norm == 0) return "train.clip_norm = 1";
  return fmt::format("train.optimizer.lr below {}", *train.optimizer.lr);
}

void DoctorRules::see_window(std::int64_t step, const std::vector<HeadWindow>& heads) {
  report_.steps = step;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    if (!trains(h)) continue;
    see_sample(step, h, heads[h]);
    see_loss(step, h, heads[h]);
    see_classes(step, h, heads[h]);
  }
}

void DoctorRules::see_sample(std::int64_t step, std::size_t head, const HeadWindow& window) {
  const LossSample& sample = window.sample;
  HeadVitals& vitals = report_.heads[head];
  vitals.saturated_share = share(sample.saturated, sample.pixels);
  vitals.logit_range = sample.pixels > 0 ? sample.range_sum / static_cast<double>(sample.pixels) : 0.0;
  if (sample.pixels < kLeastSample) return;
  if (vitals.saturated_share > kMostSaturated) {
    add({Sign::saturated, true, vitals.name, step, vitals.saturated_share,
         fmt::format("head '{}': {} of the pixels have p(true) under 1e-7, most of them of class '{}'{}", vitals.name,
                     percent(vitals.saturated_share), classes_.at(worst_class(sample)),
                     is_clipped() ? fmt::format(", and give no gradient{}", kClipCause) : ""),
         mend_logits(head)});
  }
  if (vitals.logit_range > kMostLogitRange) {
    add({Sign::logit_range, true, vitals.name, step, vitals.logit_range,
         fmt::format("head '{}': the logits of a pixel lie {:.0f} apart on average", vitals.name, vitals.logit_range),
         mend_logits(head)});
  }
}

void DoctorRules::see_classes(std::int64_t step, std::size_t head, const HeadWindow& window) {
  History& history = history_[head];
  HeadVitals& vitals = report_.heads[head];
  vitals.never_predicted.clear();
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    if (window.predicted[c] > 0) {
      history.unpredicted[c] = history.truth[c] = history.pixels[c] = 0;
      continue;
    }
    history.unpredicted[c] += kWindow;
    history.truth[c] += window.truth[c];
    history.pixels[c] += window.pixels;
    const double of_truth = share(history.truth[c], history.pixels[c]);
    const bool floored = *model_.spec().heads[head].activation == "relu" && is_at_floor(window.sample, c);
    // A loss at its cap has no gradient for what it does not predict.
    const bool capped = history.stuck >= kStuckWindows || 2 * window.sample.saturated_of[c] > window.sample.of_class[c];
    const bool hopeless = floored || capped || is_ruled_out(window, c);
    const std::int64_t patience = hopeless ? kRuledOutSteps : kUnpredictedSteps;
    if (history.unpredicted[c] < patience || of_truth < kRareClass) continue;
    vitals.never_predicted.push_back(classes_[c]);
    std::string message = fmt::format("head '{}': class '{}' ({} of the pixels) has not been predicted for {} steps",
                                      vitals.name, classes_[c], percent(of_truth), history.unpredicted[c]);
    std::string mend = fmt::format("train.loss.class_weights, with more for '{}'", classes_[c]);
    if (capped) {
      message += is_clipped()
                     ? fmt::format(" and has a probability under 1e-7, where it gets no gradient{}", kClipCause)
                     : ": its probability is under 1e-7";
      mend = mend_logits(head);
    } else if (floored) {
      message += ": a ReLU on its score stops at 0";
      mend = fmt::format("head.{}.activation = \"linear\"", vitals.name);
    }
    add({Sign::never_predicted, true, vitals.name, step, of_truth, std::move(message), std::move(mend)}, classes_[c]);
  }
}

void DoctorRules::see_loss(std::int64_t step, std::size_t head, const HeadWindow& window) {
  HeadVitals& vitals = report_.heads[head];
  const double error = 1 - share(window.correct, window.pixels);
  vitals.loss_over_error = 0;
  if (window.loss_count <= 0 || error <= 0) return;
  vitals.loss_over_error = window.loss_sum / window.loss_count / error;
  // Weighted losses have another cap for each class.
  const bool in_band = vitals.loss_over_error >= kStuckLow && vitals.loss_over_error <= kStuckHigh &&
                       error >= kLeastError && model_.spec().train.loss.class_weights.empty();
  std::int64_t& stuck = history_[head].stuck;
  stuck = in_band ? stuck + 1 : 0;
  if (stuck < kStuckWindows) return;
  add({Sign::loss_over_error, true, vitals.name, step, vitals.loss_over_error,
       fmt::format("head '{}': loss / (1 - accuracy) is {:.1f} and stays there, the cap of -ln(1e-7) is 16.1: what is "
                   "wrong is as wrong as can be{}",
                   vitals.name, vitals.loss_over_error, is_clipped() ? kClipCause : ""),
       mend_logits(head)});
}

void DoctorRules::see_layers(std::int64_t step, const LayerVitals& layers) {
  see_gradients(step, layers.gradients);
  see_channels(step, layers.channels);
}

void DoctorRules::see_gradients(std::int64_t step, const std::vector<GradientVitals>& gradients) {
  std::int64_t zeros = 0, elements = 0;
  std::set<std::string> zero;
  for (const auto& gradient : gradients) {
    zeros += gradient.zeros;
    elements += gradient.elements;
    if (gradient.zeros == gradient.elements) zero.insert(gradient.parameter);
  }
  report_.zero_gradient_share = share(zeros, elements);
  const auto before = std::exchange(zero_before_, zero);  // a single look may be a batch's chance
  // A loss past its clip has none to hand on, and no layer can help that.
  const auto stuck = std::find_if(report_.heads.begin(), report_.heads.end(), [&](const HeadVitals& head) {
    return is_clipped() && head.saturated_share > kMostSaturated;
  });
  if (stuck != report_.heads.end() && zero.size() == gradients.size() && before == zero) {
    add({Sign::zero_gradients, true, stuck->name, step, report_.zero_gradient_share,
         fmt::format("head '{}': nothing trains, every gradient is 0 throughout{}", stuck->name, kClipCause),
         mend_logits(static_cast<std::size_t>(stuck - report_.heads.begin()))});
    return;
  }
  for (const auto& name : zero) {
    if (before.count(name) == 0) continue;
    add({Sign::zero_gradients, true, name, step, report_.zero_gradient_share,
         fmt::format("parameter '{}' does not train: its gradient is 0 throughout ({} of all gradients are)", name,
                     percent(report_.zero_gradient_share)),
         "activation = \"linear\" or init = \"he\" in the layers that read it"});
  }
}

void DoctorRules::see_channels(std::int64_t step, const std::vector<ChannelVitals>& layers) {
  std::int64_t dead = 0, channels = 0;
  std::set<std::string> now;
  for (const auto& layer : layers) {
    dead += layer.dead;
    channels += layer.channels;
    const auto owner = layer.parameter.substr(0, layer.parameter.rfind('.'));
    const auto& heads = model_.spec().heads;
    // The channels of a score are classes: each of them is wanted.
    const bool is_score = std::any_of(heads.begin(), heads.end(), [&](const auto& h) { return *h.name == owner; });
    const double of_layer = share(layer.dead, layer.channels);
    if (is_score ? layer.dead == 0 : of_layer < kMostDeadChannels) continue;
    now.insert(layer.layer);
    if (dead_before_.count(layer.layer) == 0) continue;
    add({Sign::dead_channels, true, layer.layer, step, of_layer,
         fmt::format("layer '{}': {} of its {} ReLU channels are 0 everywhere and have no gradient", layer.layer,
                     layer.dead, layer.channels),
         is_score ? fmt::format("head.{}.activation = \"linear\"", owner)
                  : fmt::format("init = \"he\" for '{}', or train.optimizer.lr below {}", owner,
                                *model_.spec().train.optimizer.lr)});
  }
  report_.dead_channel_share = share(dead, channels);
  dead_before_ = std::move(now);
}

void DoctorRules::see_waiting(std::int64_t step, std::int64_t steps_of_epoch, double waited, double seconds) {
  report_.data_wait_share = seconds > 0 ? waited / seconds : 0;
  if (steps_of_epoch < kWindow || waited < kLeastWaited || report_.data_wait_share < kMostWaiting) return;
  add({Sign::data_wait,
       true,
       {},
       step,
       report_.data_wait_share,
       fmt::format("{} of the time goes into waiting for data ({:.1f} s of this epoch)",
                   percent(report_.data_wait_share), waited),
       "--threads N, or --cache DIR, which keeps what was decoded for later runs"});
}

void DoctorRules::see_taps(const std::vector<std::pair<std::string, double>>& rms) {
  report_.tap_rms = rms;
  const auto less = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [low, high] = std::minmax_element(rms.begin(), rms.end(), less);
  // A feature that is 0 or no number is another finding.
  const bool plain = std::all_of(rms.begin(), rms.end(), [](const auto& of) { return std::isfinite(of.second); });
  if (!plain || low == high || low->second <= 0) return;
  const double ratio = high->second / low->second;
  if (ratio <= kMostTapRatio) return;
  add({Sign::tap_ratio, true, high->first, 0, ratio,
       fmt::format("the feature of head '{}' has an RMS of {:.3g}, that of head '{}' one of {:.3g}: scores of such "
                   "features cannot be added as equals",
                   high->first, high->second, low->first, low->second),
       fmt::format("head.{}.scale = \"auto\" and head.{}.scale = \"auto\"", high->first, low->first)});
}

void DoctorRules::see_frozen(const std::string& what, bool expected) {
  if (what.empty()) return;
  add({Sign::frozen_at_init,
       !expected,
       {},
       0,
       1,
       what,
       "--weights FILE with these tensors, or model.trainable = \"all\""});
}

void DoctorRules::see_not_finite(std::int64_t step, const std::string& origin) {
  const auto& train = model_.spec().train;
  std::string mend = *train.clip_norm == 0
                         ? "train.clip_norm = 1"
                         : fmt::format("train.optimizer.lr below {}, or other weights or data where these hold it",
                                       *train.optimizer.lr);
  if (train.loss_scale.kind == dsl::LossScaleSpec::Kind::fixed)
    mend = fmt::format("train.loss_scale = \"dynamic\", or one below {}; {}", train.loss_scale.value, mend);
  add({Sign::not_finite,
       true,
       {},
       step,
       0,
       fmt::format("step {}: the loss or its gradient is not finite{}", step, first_such_value(origin)),
       std::move(mend)});
}

void DoctorRules::see_halving(std::int64_t step, std::int64_t in_a_row, const std::string& origin) {
  report_.loss_scale_halvings = report_.loss_scale_halvings.value_or(0) + 1;
  if (in_a_row <= kMostHalvings) return;
  add({Sign::loss_scale,
       true,
       {},
       step,
       static_cast<double>(in_a_row),
       fmt::format("the loss scale was halved {} times, and each time the step was lost: gradients overflow{}",
                   in_a_row, first_such_value(origin)),
       model_.spec().train.loss_scale.kind == dsl::LossScaleSpec::Kind::dynamic
           ? "train.loss_scale = \"off\", and a smaller loss_weight or class_weights where these make gradients so "
             "large"
           : "--precision f32"});
}

}  // namespace fcngraph::training
