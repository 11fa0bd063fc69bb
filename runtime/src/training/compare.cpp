// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/compare.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/evaluate.h>

#include "training/run_folder.h"
#include "training/run_settings.h"

namespace fcngraph {
namespace {

/// Terms below it are rounding.
constexpr double kNothing = 1e-15;

/// Classes that are no objects, by the names that data sets give them.
constexpr std::array<std::string_view, 2> kPadding{"pad", "padding"};
constexpr std::array<std::string_view, 4> kBorder{"border", "boundary", "contour", "rim"};

std::string cause_of(const std::string& name) {
  const auto among = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (among(kPadding)) return fmt::format("padding class '{}'", name);
  if (among(kBorder)) return fmt::format("border '{}'", name);
  return fmt::format("class '{}'", name);
}

using ClassIndex = std::size_t;

/// One run's side: its score, from which one cause after the other is taken away.
class Side {
 public:
  Side(const HeadReport& head, const std::vector<std::string>& classes, MetricMode metrics)
      : classes_(classes), kept_(classes.size(), true), counts_(head.confusion) {
    reported_ = score_ = head.scores.mean_iou;
    const Scores plain = counts_.scores();
    const auto absent = static_cast<double>(plain.left_out.size()), all = static_cast<double>(classes.size());
    // As the course counts: a class that is nowhere scores 1.
    if (metrics == MetricMode::course) take("smoothing", (plain.mean_iou * (all - absent) + absent) / all);
    take("absent classes", plain.mean_iou);
    if (!head.fractional) return;
    counts_ = counts_.without(*head.fractional);
    take("fractional labels", mean());
  }

  double reported() const { return reported_; }
  double score() const { return score_; }
  const std::vector<std::pair<std::string, double>>& terms() const { return terms_; }
  const std::vector<std::string>& classes() const { return classes_; }

  /// Pixels whose truth is this class no longer count, and its IoU is no part of the mean.
  void drop(const std::string& name) {
    kept_[index(name)] = false;
    take(cause_of(name), mean());
  }
  /// Takes these out of the mean alone: they are absent from one of the runs.
  void leave_out(const std::vector<std::string>& names) {
    left_out_ = names;
    take("absent classes", mean());
  }
  std::optional<double> iou(const std::string& name) const { return iou(index(name)); }
  /// Those that still count.
  std::int64_t pixels() const {
    std::int64_t sum = 0;
    const auto classes = static_cast<std::int64_t>(classes_.size());
    for (std::int64_t t = 0; t < classes; ++t) {
      for (std::int64_t p = 0; p < classes; ++p) sum += kept_[static_cast<ClassIndex>(t)] ? counts_.at(t, p) : 0;
    }
    return sum;
  }

 private:
  ClassIndex index(const std::string& name) const {
    const auto found = std::find(classes_.begin(), classes_.end(), name);
    FCNGRAPH_ASSERT(found != classes_.end(), "a class that a run does not have is asked for");
    return static_cast<ClassIndex>(found - classes_.begin());
  }

  void take(const std::string& cause, double without) {
    terms_.emplace_back(cause, score_ - without);
    score_ = without;
  }

  std::optional<double> iou(ClassIndex c) const {
    std::int64_t truth = 0, predicted = 0;
    const auto at = [&](ClassIndex t, ClassIndex p) {
      return counts_.at(static_cast<std::int64_t>(t), static_cast<std::int64_t>(p));
    };
    for (ClassIndex k = 0; k < classes_.size(); ++k) {
      truth += at(c, k);  // a pixel taken for a class that is gone is missed all the same
      predicted += kept_[k] ? at(k, c) : 0;
    }
    if (truth + predicted == 0) return std::nullopt;
    return static_cast<double>(at(c, c)) / static_cast<double>(truth + predicted - at(c, c));
  }

  double mean() const {
    double sum = 0, number = 0;
    for (ClassIndex c = 0; c < classes_.size(); ++c) {
      const bool out = std::find(left_out_.begin(), left_out_.end(), classes_[c]) != left_out_.end();
      const auto value = kept_[c] && !out ? iou(c) : std::nullopt;
      sum += value.value_or(0);
      number += value ? 1 : 0;
    }
    return number > 0 ? sum / number : 0;
  }

  const std::vector<std::string>& classes_;
  std::vector<bool> kept_;
  std::vector<std::string> left_out_;
  ConfusionMatrix counts_;
  double reported_ = 0, score_ = 0;
  std::vector<std::pair<std::string, double>> terms_;
};

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> shared(const Side& a, const Side& b) {
  std::vector<std::string> names;
  for (const auto& name : a.classes()) {
    if (has(b.classes(), name)) names.push_back(name);
  }
  return names;
}

void add_terms(const Side& side, double IouTerm::*of, std::vector<IouTerm>& terms) {
  for (const auto& [cause, amount] : side.terms()) {
    auto found = std::find_if(terms.begin(), terms.end(), [&, c = &cause](const IouTerm& t) { return t.cause == *c; });
    if (found == terms.end()) found = terms.insert(terms.end(), {cause, 0, 0});
    (*found).*of += amount;
  }
}

HeadComparison compare_heads(Side a, Side b) {
  HeadComparison out;
  out.a = a.reported();
  out.b = b.reported();
  const auto both = shared(a, b);
  if (both.empty()) {
    throw GraphError(fmt::format("the runs have no class in common: {} in one, {} in the other", join(a.classes()),
                                 join(b.classes())));
  }
  for (const auto& name : a.classes()) {
    if (!has(both, name)) a.drop(name);
  }
  for (const auto& name : b.classes()) {
    if (!has(both, name)) b.drop(name);
  }
  out.pixels_a = a.pixels();
  out.pixels_b = b.pixels();
  std::vector<std::string> absent;
  for (const auto& name : both) {
    out.classes.push_back({name, a.iou(name), b.iou(name)});
    if (!out.classes.back().a || !out.classes.back().b) absent.push_back(name);
  }
  a.leave_out(absent);
  b.leave_out(absent);
  add_terms(a, &IouTerm::a, out.terms);
  add_terms(b, &IouTerm::b, out.terms);
  out.terms.erase(std::remove_if(out.terms.begin(), out.terms.end(),
                                 [](const IouTerm& t) { return std::abs(t.a) < kNothing && std::abs(t.b) < kNothing; }),
                  out.terms.end());
  out.terms.push_back({"predictions", a.score(), b.score()});
  return out;
}

/// What a run's folder says of its validation.
struct RunScores {
  training::RunFolder folder;
  std::string which;
  EvalReport report;

  explicit RunScores(const std::filesystem::path& path)
      : folder(training::RunFolder::open(path)),
        which(folder.has_scores("best") ? "best" : "last"),
        report(folder.read_scores(which)) {
    if (report.heads.empty()) throw IoError(path.string(), "its scores have no heads");
  }
  const HeadReport* find(const std::string& name) const {
    for (const auto& head : report.heads) {
      if (head.name == name) return &head;
    }
    return nullptr;
  }
};

}  // namespace

RunComparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b) {
  const RunScores of_a(a), of_b(b);
  RunComparison out{a, b, of_a.which, of_b.which, of_a.report.metrics, of_b.report.metrics, {}, {}};
  std::vector<std::pair<const HeadReport*, const HeadReport*>> pairs;
  for (const auto& head : of_a.report.heads) {
    if (const auto* other = of_b.find(head.name)) pairs.emplace_back(&head, other);
  }
  if (pairs.empty()) pairs.emplace_back(&of_a.report.heads.back(), &of_b.report.heads.back());
  for (const auto& [in_a, in_b] : pairs) {
    auto head = compare_heads(Side(*in_a, of_a.report.classes, of_a.report.metrics),
                              Side(*in_b, of_b.report.classes, of_b.report.metrics));
    head.head_a = in_a->name;
    head.head_b = in_b->name;
    out.heads.push_back(std::move(head));
  }
  out.settings = training::differing_settings(of_a.folder.read_graph(), of_b.folder.read_graph());
  return out;
}

std::string to_json(const RunComparison& c) {
  using Json = nlohmann::ordered_json;
  const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); };
  Json heads = Json::array(), settings = Json::array();
  for (const auto& head : c.heads) {
    Json terms = Json::array(), classes = Json::array();
    for (const auto& term : head.terms)
      terms.push_back({{"cause", term.cause}, {"a", term.a}, {"b", term.b}, {"difference", term.difference()}});
    for (const auto& row : head.classes)
      classes.push_back({{"name", row.name}, {"a", number(row.a)}, {"b", number(row.b)}});
    heads.push_back({{"a", head.head_a},
                     {"b", head.head_b},
                     {"mean_iou_a", head.a},
                     {"mean_iou_b", head.b},
                     {"pixels_a", head.pixels_a},
                     {"pixels_b", head.pixels_b},
                     {"terms", std::move(terms)},
                     {"classes", std::move(classes)}});
  }
  for (const auto& s : c.settings) settings.push_back({{"key", s.key}, {"a", s.a}, {"b", s.b}});
  const Json out = {{"a", {{"run", c.run_a.string()}, {"scores", c.scores_a}, {"metrics", name_of(c.metrics_a)}}},
                    {"b", {{"run", c.run_b.string()}, {"scores", c.scores_b}, {"metrics", name_of(c.metrics_b)}}},
                    {"heads", std::move(heads)},
                    {"settings", std::move(settings)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fcngraph
