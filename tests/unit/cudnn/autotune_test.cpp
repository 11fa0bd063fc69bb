// SPDX-License-Identifier: Apache-2.0
#include "autotune.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "noise.h"
#include "plan_key.h"

namespace fcngraph::cudnn {
namespace {

/// Says how long a candidate takes in its next run, and remembers who was asked.
struct FakeGpu {
  std::map<std::int64_t, std::vector<double>>
      seconds;  ///< of each run; the last one goes on for ever. Negative: it fails
  std::vector<std::int64_t> asked = {};

  EngineTimer timer() {
    return [this](const Candidate& c) -> std::optional<double> {
      asked.push_back(c.index);
      auto& runs = seconds.at(c.index);
      const double now = runs.front();
      if (runs.size() > 1) runs.erase(runs.begin());
      return now < 0 ? std::nullopt : std::optional(now);
    };
  }
  std::ptrdiff_t times(std::int64_t index) const { return std::count(asked.begin(), asked.end(), index); }
};

TEST_CASE("the fastest candidate by the median of its runs is taken") {
  // The first run, which sets things up, does not count; nor does one that something else got in the way of.
  FakeGpu gpu{{{0, {5, 3}}, {1, {90, 2, 2, 50, 2, 2, 40, 2}}, {2, {1, 1, 4}}}};
  const std::vector<Candidate> all{{0, 0}, {1, 0}, {2, 0}};
  const auto tuned = fastest(all, gpu.timer());
  REQUIRE(tuned);
  CHECK(tuned->index == 1);
  CHECK(tuned->seconds == 2);
  CHECK(tuned->timed == 3);
}

TEST_CASE("candidates are timed in turns, each as often as the others") {
  FakeGpu gpu{{{0, {1}}, {1, {1.5}}, {2, {1.2}}}};
  const std::vector<Candidate> all{{0, 0}, {1, 0}, {2, 0}};
  REQUIRE(fastest(all, gpu.timer(), {.rounds = 3}));
  CHECK(gpu.asked == std::vector<std::int64_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
}

TEST_CASE("of two that are as fast the one that the heuristics rank first is taken, whoever is ahead by noise") {
  for (const double second : {0.995, 1.0, 1.005}) {
    FakeGpu gpu{{{4, {1.0}}, {7, {second}}}};
    const std::vector<Candidate> all{{4, 0}, {7, 0}};
    CHECK(fastest(all, gpu.timer())->index == 4);
  }
  FakeGpu gpu{{{4, {1.0}}, {7, {0.98}}}};
  const std::vector<Candidate> all{{4, 0}, {7, 0}};
  CHECK(fastest(all, gpu.timer())->index == 7);
}

TEST_CASE("a candidate that fails is dropped, at its first run or a later one, and not asked again") {
  FakeGpu gpu{{{0, {-1, 0.1}}, {1, {0.5, 0.5, -1, 0.5}}, {2, {1}}, {3, {NAN}}}};
  const std::vector<Candidate> all{{0, 0}, {1, 0}, {2, 0}, {3, 0}};
  CHECK(fastest(all, gpu.timer())->index == 2);
  CHECK(gpu.times(0) == 1);
  CHECK(gpu.times(1) == 3);
  CHECK(gpu.times(3) == 1);
  FakeGpu none{{{0, {-1}}}};
  CHECK_FALSE(fastest(std::vector<Candidate>{{0, 0}}, none.timer()));
  CHECK_FALSE(fastest(std::vector<Candidate>{}, none.timer()));
}

TEST_CASE("what wants too much memory, comes too late in the heuristics or is hopeless is not timed") {
  FakeGpu gpu{{{0, {3}}, {1, {1}}, {2, {0.1}}, {3, {7}}, {4, {0.1}}}};
  const std::vector<Candidate> all{{0, 10}, {1, 10}, {2, 11}, {3, 0}, {4, 0}};
  const auto tuned = fastest(all, gpu.timer(), {.most = 3, .workspace = 10, .rounds = 5});
  CHECK(tuned->index == 1);
  CHECK(tuned->timed == 3);
  CHECK(gpu.times(1) == 6);
  CHECK(gpu.times(2) == 0);
  CHECK(gpu.times(3) == 2);
  CHECK(gpu.times(4) == 0);
}

TEST_CASE("no candidate is of TF32, sums in less than f32, or gives other bits the next time") {
  const auto refuses = [](const PlanKey& key, EngineNote note) {
    const auto notes = refused_notes(key);
    return std::count(notes.begin(), notes.end(), note) == 1;
  };
  for (const DType storage : {DType::f32, DType::f16, DType::bf16}) {
    for (const bool autotune : {false, true}) {
      PlanKey key;
      key.storage = storage, key.autotune = autotune;
      CHECK(refuses(key, EngineNote::reduced_precision_reduction));
      CHECK(refuses(key, EngineNote::nondeterministic));
      CHECK(refuses(key, EngineNote::tensor_core) == (storage == DType::f32));
      CHECK(refuses(key, EngineNote::down_convert_inputs) == (storage == DType::f32));
      key.deterministic = false;
      CHECK_FALSE(refuses(key, EngineNote::nondeterministic));
    }
  }
}

TEST_CASE("engines are timed on numbers between -1 and 1 that differ") {
  std::vector<float> values(1000);
  fill_noise({}, DType::f32, values.data(), 1000);
  CHECK(*std::min_element(values.begin(), values.end()) < -0.9F);
  CHECK(*std::max_element(values.begin(), values.end()) > 0.9F);
  CHECK(std::abs(std::accumulate(values.begin(), values.end(), 0.0)) < 100);
  std::sort(values.begin(), values.end());
  CHECK(values.front() >= -1);
  CHECK(values.back() < 1);
  CHECK(std::unique(values.begin(), values.end()) - values.begin() > 990);
}

}  // namespace
}  // namespace fcngraph::cudnn
