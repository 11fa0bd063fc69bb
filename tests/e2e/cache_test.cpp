// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include <fcngraph/cache.h>
#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/error.h>

#include "available_backends.h"
#include "run_fixture.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

const Names kNoDropout = {"dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0"};

TrainerOptions with_cache(const fs::path& out, const std::string& cache, const std::string& backend = "reference") {
  auto options = quietly(out);
  options.cache = cache;
  options.backend = backend;
  return options;
}

void check_same_history(const TrainResult& a, const TrainResult& b) {
  REQUIRE(a.history.size() == b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i) {
    for (std::size_t h = 0; h < a.history[i].heads.size(); ++h) {
      const auto &x = a.history[i].heads[h].second, &y = b.history[i].heads[h].second;
      CHECK(x.loss == y.loss);
      CHECK(x.mean_iou == y.mean_iou);
      CHECK(x.val_loss == y.val_loss);
      CHECK(x.val_mean_iou == y.val_mean_iou);
    }
  }
}

Names plus(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Runs without a cache, in memory, and twice on disk: all must end with the same bits.
void compare(const std::string& backend, const Names& set) {
  CAPTURE(backend);
  CAPTURE(join(set));
  const Folder folder("cache-" + backend);
  const auto model = tiny(plus({"train.epochs=2"}, set));
  const auto off = Trainer(model, with_cache(folder.path / "off", "off", backend)).run();
  const auto memory = Trainer(model, with_cache(folder.path / "memory", "memory", backend)).run();
  const auto cache = (folder.path / "cache").string();
  const auto first = Trainer(model, with_cache(folder.path / "first", cache, backend)).run();
  const auto second = Trainer(model, with_cache(folder.path / "second", cache, backend)).run();
  for (const auto* run : {&memory, &first, &second}) {
    check_same_history(off, *run);
    CHECK(same_bits(last_of(off.folder), last_of(run->folder)));
  }
  CHECK(off.history.back().cache_hits == 0);
  CHECK(second.history.front().cache_hits >= 6);
}

TEST_CASE("with the cache, in memory or on disk, a run has the bits that it has without") {
  compare("reference", {});
  compare("reference", {"train.flip=true"});
  const std::string fastest(testing::available_backends().front()->name());
  compare(fastest, {});
  compare(fastest, kNoDropout);
  compare(fastest, {"dense_conv.fc7.trainable=true", "data.images=7"});
}

TEST_CASE("another head on the same taps starts from the cache, other weights or data do not") {
  const Folder folder("variant");
  const auto cache = (folder.path / "cache").string();
  // Entries that a run adds.
  const auto added = [&](const std::string& name, const Model& model, std::uint64_t seed = 0) {
    auto options = with_cache(folder.path / name, cache);
    options.seed = seed;
    const auto before = fs::exists(cache) ? verify_cache(cache).entries : 0;
    CHECK(Trainer(model, options).run().history.front().cache_hits == 6);
    return verify_cache(cache).entries - before;
  };
  const auto all = added("first", tiny({"train.epochs=1"}));
  CHECK(all == 4 * 8);  // three values and the labels of six samples to train on and two to validate
  CHECK(added("same", tiny({"train.epochs=1"})) == 0);
  CHECK(added("head", tiny({"train.epochs=1", "head.fcn8s.init=glorot", "head.fcn16s.scale=0.5"})) == 0);
  CHECK(added("fewer", tiny({"train.epochs=1"}, "tiny/fcn16s.toml")) == 0);
  CHECK(added("rate", tiny({"train.epochs=1", "train.optimizer.lr=0.1", "train.loss.class_weights=[1, 2, 1, 1]"})) ==
        0);
  CHECK(added("pictures", tiny({"train.epochs=1", "data.jitter=10"})) == all);
  CHECK(added("preprocessing", tiny({"train.epochs=1", "model.input.preprocess=tf"})) == 3 * 8);
  CHECK(added("weights", tiny({"train.epochs=1"}), 9) == 3 * 8);
  CHECK(added("narrowed", tiny({"train.epochs=1", "cache.storage=f16"})) == 3 * 8);
  CHECK(verify_cache(cache).problems.empty());
}

TEST_CASE("evaluation reads the cache that training wrote, with the same scores") {
  const Folder folder("evaluate");
  const auto cache = (folder.path / "cache").string();
  const auto model = tiny({"train.epochs=1"});
  Trainer(model, with_cache(folder.path / "run", cache)).run();
  EvalOptions options;
  options.backend = "reference";
  options.threads = 1;
  const auto weights = Weights::load(folder.path / "run");
  const auto off = evaluate(model, weights, options);
  const auto entries = verify_cache(cache).entries;
  options.cache = cache;
  const auto on = evaluate(model, weights, options);
  CHECK(verify_cache(cache).entries == entries);
  for (std::size_t h = 0; h < off.heads.size(); ++h) {
    CHECK(off.heads[h].loss == on.heads[h].loss);
    CHECK(off.heads[h].confusion.counts() == on.heads[h].confusion.counts());
  }
}

TEST_CASE("a cache that is too small, damaged or gone changes no bit") {
  const Folder folder("trouble");
  const auto cache = folder.path / "cache";
  const auto model = tiny({"train.epochs=2"});
  const auto off = Trainer(model, with_cache(folder.path / "off", "off")).run();

  Names notes;
  auto small = with_cache(folder.path / "small", "memory");
  small.log = [&](std::string_view line) { notes.emplace_back(line); };
  const auto little = Trainer(tiny({"train.epochs=2", "cache.limit=\"4 KiB\""}), small).run();
  CHECK(same_bits(last_of(off.folder), last_of(little.folder)));
  CHECK(little.history.back().cache_hits < 6);
  CHECK(std::count_if(notes.begin(), notes.end(), [](const auto& n) { return n.find("limit of 4.0 KiB") != n.npos; }) ==
        1);

  Trainer(model, with_cache(folder.path / "first", cache.string())).run();
  std::int64_t damaged = 0;
  for (const auto& entry : fs::recursive_directory_iterator(cache)) {
    if (entry.is_regular_file() && ++damaged % 2 == 0) fs::resize_file(entry.path(), entry.file_size() - 1);
  }
  notes.clear();
  auto again = with_cache(folder.path / "again", cache.string());
  again.log = small.log;
  CHECK(same_bits(last_of(off.folder), last_of(Trainer(model, again).run().folder)));
  CHECK(std::count_if(notes.begin(), notes.end(), [](const auto& n) { return n.find("is cut short") != n.npos; }) == 1);
  CHECK(verify_cache(cache).problems.empty());

  std::ofstream(folder.path / "file") << "no folder";
  notes.clear();
  auto nowhere = with_cache(folder.path / "nowhere", (folder.path / "file" / "cache").string());
  nowhere.log = small.log;
  CHECK(same_bits(last_of(off.folder), last_of(Trainer(model, nowhere).run().folder)));
  CHECK(std::count_if(notes.begin(), notes.end(), [](const auto& n) { return n.find("cannot be made") != n.npos; }) ==
        1);
}

TEST_CASE("files are known by their bytes: a copy of a data set under other names is there already") {
  const Folder folder("files");
  synthesize_dataset("camvid", (folder.path / "data").string(), {.train = 4, .val = 2, .height = 48, .width = 64});
  fs::copy(folder.path / "data", folder.path / "copy", fs::copy_options::recursive);
  const auto cache = (folder.path / "cache").string();
  const auto hits = [&](const std::string& data) {
    LoadOptions load;
    load.data = "camvid:" + (folder.path / data).string();
    load.set = {"train.epochs=1", "train.batch=2"};
    auto options = with_cache(folder.path / ("run-" + data), cache);
    options.random_weights = true;
    return Trainer(Model::load(graph("tiny/fcn8s.toml"), load), options).run().history.front().cache_hits;
  };
  hits("data");
  CHECK(hits("copy") == 4);
}

TEST_CASE("half storage follows the run without it closely") {
  const Folder folder("half");
  const auto f32 = Trainer(tiny({"train.epochs=4"}), with_cache(folder.path / "f32", "memory")).run();
  const auto f16 =
      Trainer(tiny({"train.epochs=4", "cache.storage=f16"}), with_cache(folder.path / "f16", "memory")).run();
  for (std::size_t i = 0; i < f32.history.size(); ++i) {
    for (std::size_t h = 0; h < f32.history[i].heads.size(); ++h) {
      CHECK(f16.history[i].heads[h].second.loss == doctest::Approx(f32.history[i].heads[h].second.loss).epsilon(0.01));
    }
  }
  CHECK_FALSE(same_bits(last_of(f32.folder), last_of(f16.folder)));
}

TEST_CASE("resumed with another cache, or from a folder that is gone, a run ends with the same bits") {
  const Folder folder("resume");
  for (const char* storage : {"f32", "f16"}) {
    const auto model = tiny({"train.epochs=3", "train.flip=true", std::string("cache.storage=") + storage});
    const auto at = [&](const char* name) { return folder.path / (std::string(name) + storage); };
    const auto whole = Trainer(model, with_cache(at("whole"), "memory")).run();
    auto options = with_cache(at("pieces"), at("cache").string());
    TrainResult result;
    int pieces = 0;
    do {
      std::int64_t done = 0;
      options.on_step = [&](const StepProgress&) { ++done; };
      options.stop_requested = [&] { return done >= 1; };
      result = Trainer(model, options).run();
      options.resume = at("pieces");
      if (++pieces % 2 == 0) fs::remove_all(at("cache"));
      REQUIRE(pieces < 50);
    } while (result.interrupted);
    CHECK(same_bits(last_of(whole.folder), last_of(result.folder)));
    check_same_history(whole, result);
  }
}

}  // namespace
}  // namespace fcngraph::testing
