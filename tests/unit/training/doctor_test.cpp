// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/doctor.h>

#include <doctest/doctest.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include "temporary_folder.h"
#include "training/doctor_rules.h"

namespace fcngraph::training {
namespace {

Model model(const std::string& train = {}, const std::string& head = {}) {
  return Model::parse(
      "fcngraph = 1\n[model]\nname = \"m\"\ninput = { height = 8, width = 8 }\n"
      "[[node]]\nname = \"x\"\nop = \"conv2d\"\nfilters = 2\n"
      "[[head]]\nname = \"h\"\nfrom = \"x\"\n" +
          head + "\n[train]\n" + train + "\n[data]\nkind = \"synthetic\"\nclasses = 3\nsize = 8\n",
      ".", {});
}

/// 1000 pixels: half of class 0, the rest shared; all of them right.
HeadWindow healthy() {
  HeadWindow window(3);
  window.truth = window.predicted = {500, 250, 250};
  window.pixels = window.correct = 1000;
  window.loss_count = 1000;
  window.sample.pixels = 1000;
  window.sample.range_sum = 5000;
  window.sample.of_class = {500, 250, 250};
  return window;
}

std::vector<Sign> signs(const DoctorRules& rules) {
  std::vector<Sign> out;
  for (const auto& finding : rules.report().findings) out.push_back(finding.sign);
  return out;
}

TEST_CASE("every sign has a name, and the name leads back to it") {
  for (const Sign sign : kSigns) CHECK(sign_from(name_of(sign)) == sign);
  CHECK_FALSE(sign_from("tired").has_value());
}

TEST_CASE("a healthy window is no finding, however often") {
  DoctorRules rules(model());
  for (int i = 1; i <= 10; ++i) rules.see_window(20 * i, {healthy()});
  CHECK(rules.report().findings.empty());
  CHECK(rules.report().heads[0].logit_range == 5.0);
}

TEST_CASE("saturated pixels are a finding once, said with the class and the key") {
  DoctorRules rules(model("", "scale = 1.0"));
  HeadWindow window = healthy();
  window.sample.saturated = 30;
  window.sample.saturated_of = {0, 29, 1};
  rules.see_window(20, {window});
  rules.see_window(40, {window});
  REQUIRE(signs(rules) == std::vector<Sign>{Sign::saturated});
  const Finding finding = rules.take_new().at(0);
  CHECK(finding.message.find("3.0 % of the pixels") != std::string::npos);
  CHECK(finding.mend.find("head.h.scale") != std::string::npos);
  CHECK(rules.take_new().empty());
  // Too few to say anything.
  DoctorRules quiet(model());
  window.sample.pixels = 50;
  quiet.see_window(20, {window});
  CHECK(quiet.report().findings.empty());
}

TEST_CASE("a class has to be missing for three windows, ruled out on its own pixels, and not rare") {
  HeadWindow window = healthy();
  window.predicted = {750, 250, 0};
  window.sample.gap_of = {0, 0, 250 * 3.0};  // log(500 / 250) + 2 is 2.7
  DoctorRules rules(model());
  rules.see_window(20, {window});
  rules.see_window(40, {window});
  rules.see_window(60, {healthy()});
  rules.see_window(80, {window});
  rules.see_window(100, {window});
  CHECK(rules.report().findings.empty());
  rules.see_window(120, {window});
  CHECK(signs(rules) == std::vector<Sign>{Sign::never_predicted});
  window.sample.gap_of[2] = 250 * 2.5;
  DoctorRules slow(model());
  for (int i = 1; i < 50; ++i) slow.see_window(20 * i, {window});
  CHECK(slow.report().findings.empty());
  slow.see_window(1000, {window});
  CHECK(signs(slow) == std::vector<Sign>{Sign::never_predicted});
  window.sample.gap_of[2] = 250 * 9.0;
  window.truth = {745, 250, 5};
  DoctorRules rare(model());
  for (int i = 1; i < 9; ++i) rare.see_window(20 * i, {window});
  CHECK(rare.report().findings.empty());
}

TEST_CASE("loss over error counts in its band alone, and not where the loss is weighted") {
  HeadWindow window = healthy();
  window.correct = 900;
  window.loss_sum = 1612;  // 16.12 a wrong pixel
  const auto found = [&](const std::string& train, double loss) {
    DoctorRules rules(model(train));
    window.loss_sum = loss;
    rules.see_window(20, {window});
    CHECK(rules.report().findings.empty());
    rules.see_window(40, {window});
    return signs(rules) == std::vector<Sign>{Sign::loss_over_error};
  };
  CHECK(found("", 1612));
  CHECK(found("", 1510));
  CHECK_FALSE(found("", 1400));
  CHECK_FALSE(found("", 1700));
  CHECK_FALSE(found("loss = { class_weights = [1, 1, 2] }", 1612));
}

TEST_CASE("a class that is missing while the loss is at its cap is named with that cause, without a look at logits") {
  DoctorRules rules(model());
  HeadWindow window(3);
  window.truth = {500, 250, 250};
  window.predicted = {500, 500, 0};
  window.pixels = 1000;
  window.correct = 750;
  window.loss_count = 1000;
  window.loss_sum = 250 * 16.118;
  for (int i = 1; i <= 3; ++i) rules.see_window(20 * i, {window});
  REQUIRE(signs(rules) == std::vector<Sign>{Sign::loss_over_error, Sign::never_predicted});
  CHECK(rules.report().findings[1].message.find("under 1e-7") != std::string::npos);
}

TEST_CASE("what a clipped loss shows is named as one cause, with the dead class and both ways out") {
  DoctorRules rules(model("loss = { on = \"probabilities\" }", "scale = 1.0\noutput = \"probabilities\""));
  HeadWindow window(3);
  window.truth = {500, 250, 250};
  window.predicted = {500, 500, 0};
  window.pixels = window.sample.pixels = 1000;
  window.correct = 750;
  window.loss_count = 1000;
  window.loss_sum = 250 * 16.118;
  window.sample.of_class = {500, 250, 250};
  window.sample.saturated_of = {0, 0, 250};
  window.sample.saturated = 250;
  for (int i = 1; i <= 3; ++i) rules.see_window(20 * i, {window});
  const LayerVitals none{{{"h.weight", 10, 10}}, {}};
  rules.see_layers(70, none);
  rules.see_layers(90, none);
  REQUIRE(signs(rules) ==
          std::vector<Sign>{Sign::saturated, Sign::loss_over_error, Sign::never_predicted, Sign::zero_gradients});
  for (const auto& finding : rules.report().findings) {
    CAPTURE(finding.text());
    CHECK(finding.message.find("probability-space loss is saturated") != std::string::npos);
    CHECK(finding.mend.find("on = \"logits\"") != std::string::npos);
    CHECK(finding.mend.find("head.h.output = \"logits\"") != std::string::npos);
    CHECK(finding.mend.find("head.h.scale = \"auto\"") != std::string::npos);
  }
  CHECK(rules.report().findings[0].message.find("25.0 % of the pixels") != std::string::npos);
  CHECK(rules.report().findings[2].message.find("(25.0 % of the pixels) has not been predicted for 60 steps") !=
        std::string::npos);
  CHECK(rules.report().findings[3].message.find("head 'h': nothing trains") != std::string::npos);
  // Where something trains, it is a layer that keeps the gradient from another.
  DoctorRules partly(model("loss = { on = \"probabilities\" }"));
  partly.see_window(20, {window});
  const LayerVitals some{{{"h.weight", 10, 10}, {"h.bias", 0, 4}}, {}};
  partly.see_layers(30, some);
  partly.see_layers(100, some);
  REQUIRE(signs(partly) == std::vector<Sign>{Sign::saturated, Sign::zero_gradients});
  CHECK(partly.report().findings[1].message.find("'h.weight' does not train") != std::string::npos);
  // A head whose scale is measured has the one way out.
  DoctorRules scaled(model("loss = { on = \"probabilities\" }"));
  scaled.see_window(20, {window});
  CHECK(scaled.report().findings.at(0).mend == "train.loss = { on = \"logits\" }");
}

TEST_CASE("gradients and channels have to be 0 in two looks") {
  DoctorRules rules(model());
  const LayerVitals bad{{{"x.weight", 10, 10}, {"h.weight", 0, 10}},
                        {{"x", "x.weight", 1, 2}, {"h.score", "h.weight", 1, 3}}};
  rules.see_layers(10, bad);
  CHECK(rules.report().findings.empty());
  CHECK(rules.report().zero_gradient_share == 0.5);
  rules.see_layers(30, bad);
  CHECK(signs(rules) == std::vector<Sign>{Sign::zero_gradients, Sign::dead_channels, Sign::dead_channels});
  DoctorRules fine(model());
  const LayerVitals good{{{"x.weight", 9, 10}}, {{"x", "x.weight", 3, 8}}};
  fine.see_layers(10, good);
  fine.see_layers(30, good);
  CHECK(fine.report().findings.empty());
}

TEST_CASE("what the run tells: taps, frozen tensors, loss scale, waiting, values that are not finite") {
  DoctorRules rules(model());
  rules.see_taps({{"h", 1.0}, {"g", 15.0}});
  rules.see_frozen("", false);
  for (int i = 1; i <= 5; ++i) rules.see_halving(50, i, "");
  rules.see_waiting(40, 40, 1.0, 1.5);
  rules.see_waiting(40, 40, 10.0, 100.0);
  CHECK(rules.report().findings.empty());
  rules.see_taps({{"h", 1.0}, {"g", 150.0}});
  rules.see_frozen("some are random", true);
  rules.see_halving(60, 0, "");  // of a step whose loss was no number
  CHECK(rules.report().findings.size() == 2);
  for (int i = 6; i <= 8; ++i) rules.see_halving(60, i, "'x' (conv2d)");
  rules.see_waiting(60, 40, 10.0, 20.0);
  rules.see_not_finite(61, "'x' (conv2d)");
  rules.see_not_finite(62, "");
  rules.see_skipped();
  rules.see_skipped();
  CHECK(signs(rules) ==
        std::vector<Sign>{Sign::tap_ratio, Sign::frozen_at_init, Sign::loss_scale, Sign::data_wait, Sign::not_finite});
  CHECK_FALSE(rules.report().findings[1].alarm);
  CHECK(rules.report().skipped_steps == 2);
  CHECK(rules.report().loss_scale_halvings == 9);
  CHECK(rules.report().findings[2].message.find("6 times") != std::string::npos);
  CHECK(rules.report().findings[2].message.find("is 'x' (conv2d)") != std::string::npos);
}

TEST_CASE("the report comes back from its JSON, and what it holds is not said again") {
  DoctorRules rules(model());
  HeadWindow window = healthy();
  window.predicted = {1000, 0, 0};
  window.sample.gap_of = {0, 250 * 9.0, 250 * 9.0};
  for (int i = 1; i < 5; ++i) rules.see_window(20 * i, {window});
  rules.see_taps({{"h", 0.5}});
  const auto text = to_json(rules.report());
  const auto back = doctor_report_from_json(text);
  CHECK(to_json(back) == text);
  CHECK(nlohmann::json::parse(text)["loss_scale_halvings"].is_null());
  CHECK(back.heads[0].never_predicted.size() == 2);
  DoctorRules resumed(model());
  resumed.restore(back.findings);
  for (int i = 1; i < 5; ++i) resumed.see_window(20 * i, {window});
  CHECK(resumed.take_new().empty());
  for (const char* damaged : {"{", "{}", "{\"format_version\": 2}", "[]"}) {
    CAPTURE(damaged);
    CHECK_THROWS_AS(doctor_report_from_json(damaged), GraphError);
  }
}

TEST_CASE("a run without a record is examined by its history") {
  const TemporaryFolder folder;
  folder.put("run/manifest.json", "{}");
  const auto row = [](const char* loss, double accuracy, double seconds, double waiting, const char* more = "") {
    return std::string("{\"epoch\": 1") + more + ", \"seconds\": " + std::to_string(seconds) +
           ", \"data_wait_share\": " + std::to_string(waiting) + ", \"heads\": {\"h\": {\"loss\": " + loss +
           ", \"accuracy\": " + std::to_string(accuracy) + "}}}\n";
  };
  folder.put("run/history.jsonl", row("0.5", 0.8, 10, 0.1));
  CHECK(examine_run(folder / "run").findings.empty());
  // Of the tutorial's FCN-16s: 5.2376 at 0.6366, then a loss that is no number.
  const auto stuck = row("5.79", 0.6366, 10, 0.9);
  folder.put("run/history.jsonl", stuck + stuck + row("null", 0.1, 10, 0.9));
  const auto report = examine_run(folder / "run");
  REQUIRE(report.findings.size() == 3);
  folder.put("other/manifest.json", "{}");
  folder.put("other/history.jsonl", row("5.79", 0.6366, 10, 0.1) + row("0.5", 0.8, 10, 0.1));
  CHECK(examine_run(folder / "other").findings.empty());
  CHECK(report.findings[0].sign == Sign::data_wait);
  CHECK(report.findings[1].sign == Sign::loss_over_error);
  CHECK(report.findings[2].sign == Sign::not_finite);
  const auto signs_of = [&](const char* more) {
    folder.put("other/history.jsonl", row("0.5", 0.8, 10, 0.1, more));
    std::vector<Sign> found;
    for (const auto& finding : examine_run(folder / "other").findings) found.push_back(finding.sign);
    return found;
  };
  CHECK(signs_of(", \"skipped_steps\": 1") == std::vector<Sign>{Sign::not_finite});
  CHECK(signs_of(", \"skipped_steps\": 5, \"loss_scale\": 1024").empty());
  CHECK(signs_of(", \"skipped_steps\": 6, \"loss_scale\": 512") == std::vector<Sign>{Sign::loss_scale});
  folder.put("run/history.jsonl", "{");
  CHECK_THROWS_AS(examine_run(folder / "run"), IoError);
  folder.put("run/doctor.json", "{");
  CHECK_THROWS_AS(examine_run(folder / "run"), IoError);
}

}  // namespace
}  // namespace fcngraph::training
