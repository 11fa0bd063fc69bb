// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/metrics.h>

namespace fcngraph {

/// What one cause adds to the mean IoU of either run. Over all terms they sum to the two scores.
struct IouTerm {
  std::string cause;  ///< "smoothing", "absent classes", "fractional labels", "padding class 'pad'", "predictions", ...
  double a = 0, b = 0;
  double difference() const noexcept { return a - b; }
};

/// A class that both runs score, with what is left when all other causes are taken away; unset where it is absent.
struct ClassDifference {
  std::string name;
  std::optional<double> a, b;
};

/// Two heads and why their mean IoU differs: a - b is the sum of the terms' differences.
struct HeadComparison {
  std::string head_a, head_b;
  double a = 0, b = 0;                      ///< mean IoU as each run reports it
  std::int64_t pixels_a = 0, pixels_b = 0;  ///< whose truth is a class that both runs score
  std::vector<IouTerm> terms;               ///< without those that are 0 in both; "predictions" last
  std::vector<ClassDifference> classes;
};

/// A key that the two runs were given different values of; empty where a run has none.
struct SettingDifference {
  std::string key, a, b;
};

struct RunComparison {
  std::filesystem::path run_a, run_b;
  std::string scores_a, scores_b;  ///< which validation: "best" or "last"
  MetricMode metrics_a = MetricMode::fcngraph, metrics_b = MetricMode::fcngraph;
  std::vector<HeadComparison> heads;  ///< those that both have, by name; without any, the last ones
  std::vector<SettingDifference> settings;
};

/// Compares the validation scores of two runs from the files in their folders. Throws IoError when a folder is no run's or its files
/// are damaged, GraphError when the runs have no class in common.
FCNGRAPH_API RunComparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b);

/// {"a": {"run", "scores", "metrics"}, "b": {...}, "heads": [{"a", "b", "mean_iou_a", "mean_iou_b", "pixels_a", "pixels_b",
/// "terms": [{"cause", "a", "b", "difference"}], "classes": [{"name", "a", "b"}]}], "settings": [{"key", "a", "b"}]}
FCNGRAPH_API std::string to_json(const RunComparison& comparison);

}  // namespace fcngraph
