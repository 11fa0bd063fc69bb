// SPDX-License-Identifier: Apache-2.0
#include "training/history.h"
#include "training/progress_state.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>

namespace fcngraph::training {
namespace {

EpochRecord record() {
  EpochRecord row;
  row.epoch = 3;
  row.seconds = 1.5;
  row.val_seconds = 0.25;
  row.data_wait_share = 0.125;
  row.heads = {{"b", {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}}, {"a", {1.0 / 3, 0.7, 0.8, {}, {}, {}}}};
  return row;
}

TEST_CASE("a row of the history has the promised keys, heads in the order of the model") {
  const auto json = nlohmann::ordered_json::parse(to_json(record()));
  std::vector<std::string> keys, heads, of_head;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  for (const auto& [key, value] : json["heads"].items()) heads.push_back(key);
  for (const auto& [key, value] : json["heads"]["b"].items()) of_head.push_back(key);
  CHECK(keys == std::vector<std::string>{"epoch", "seconds", "val_seconds", "data_wait_share", "cache_hits",
                                         "skipped_steps", "heads"});
  CHECK(heads == std::vector<std::string>{"b", "a"});
  CHECK(of_head ==
        std::vector<std::string>{"loss", "accuracy", "mean_iou", "val_loss", "val_accuracy", "val_mean_iou"});
  CHECK(json["heads"]["a"]["val_loss"].is_null());
}

TEST_CASE("a row comes back as it was") {
  CHECK(to_json(epoch_record_from_json(to_json(record()))) == to_json(record()));
  EpochRecord scaled = record();
  scaled.skipped_steps = 3;
  scaled.loss_scale = 4096;
  const auto back = epoch_record_from_json(to_json(scaled));
  CHECK(back.skipped_steps == 3);
  CHECK(back.loss_scale == 4096);
  // A row of a run that began before there were these.
  auto old = nlohmann::ordered_json::parse(to_json(record()));
  old.erase("skipped_steps");
  CHECK(epoch_record_from_json(old.dump()).skipped_steps == 0);
  CHECK_THROWS_AS(epoch_record_from_json("{\"epoch\": 1}"), GraphError);
  CHECK_THROWS_AS(epoch_record_from_json("{\"epoch\": "), GraphError);
}

TEST_CASE("CSV has a line of names and a line an epoch") {
  const auto text = to_csv({record(), record()});
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.starts_with("epoch,seconds,val_seconds,data_wait_share,cache_hits,skipped_steps,b.loss,b.accuracy,"));
  CHECK(text.find(",0.7,0.8,,,\n") != std::string::npos);
  EpochRecord scaled = record();
  scaled.loss_scale = 4096;
  // Where one stage scales and another does not, a cell is empty.
  const auto both = to_csv({scaled, record()});
  CHECK(both.find("cache_hits,skipped_steps,loss_scale,b.loss") != std::string::npos);
  CHECK(both.find(",0,0,4096,0.1,") != std::string::npos);
  CHECK(both.find(",0,0,,0.1,") != std::string::npos);
}

TEST_CASE("the position of a run comes back bit for bit") {
  ProgressState state;
  state.epoch = 4;
  state.batch = 2;
  state.step = state.stage_step = 17;
  state.skipped = 2;
  state.stage_skipped = 5;
  state.loss_scale = LossScale::dynamic();
  state.loss_scale->after_step(false);
  state.loss_scale->after_step(true);
  state.seconds = 0.1;
  state.best = 1.0 / 3;
  state.tallies = make_tallies({"x", "y"}, 2);
  state.tallies[1].loss_sum = 1.0 / 7;
  state.tallies[1].loss_count = 12;
  state.tallies[1].confusion = ConfusionMatrix(2, {1, 2, 3, 4});
  std::map<std::string, std::string> metadata;
  state.write(metadata);

  ProgressState back;
  back.tallies = make_tallies({"x", "y"}, 2);
  back.loss_scale = LossScale::dynamic();
  back.read(metadata, "c");
  CHECK(back.epoch == 4);
  CHECK(back.batch == 2);
  CHECK(back.step == 17);
  CHECK(back.skipped == 2);
  CHECK(back.stage_skipped == 5);
  REQUIRE(back.loss_scale.has_value());
  CHECK(back.loss_scale->state() == state.loss_scale->state());
  CHECK(back.loss_scale->value() == 16384);
  CHECK(*back.best == *state.best);
  CHECK(back.tallies[1].loss_sum == state.tallies[1].loss_sum);
  CHECK(back.tallies[1].confusion.counts() == std::vector<std::int64_t>{1, 2, 3, 4});

  back.tallies = make_tallies({"x"}, 2);
  CHECK_THROWS_AS(back.read(metadata, "c"), IoError);
  back.tallies = make_tallies({"x", "z"}, 2);
  CHECK_THROWS_AS(back.read(metadata, "c"), IoError);
  back.tallies = make_tallies({"x", "y"}, 3);
  CHECK_THROWS_AS(back.read(metadata, "c"), IoError);
  CHECK_THROWS_AS(back.read({}, "c"), IoError);
  CHECK_THROWS_AS(back.read({{"training", "{"}}, "c"), IoError);
}

}  // namespace
}  // namespace fcngraph::training
