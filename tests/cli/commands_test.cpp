// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("help goes to stdout and lists every command; nothing at all is a mistake") {
  const Folder folder;
  const auto help = folder.run({"--help"});
  CHECK(help.code == 0);
  CHECK(help.err.empty());
  for (const char* name : {"run", "check", "plan", "compile", "opt", "ops", "schema", "import", "data check",
                           "data synth", "backends", "env", "version"}) {
    CAPTURE(name);
    CHECK(has(help.out, std::string("\n  ") + name + " "));
    std::vector<std::string> words;
    const std::string command = name;
    const auto space = command.find(' ');
    words.push_back(command.substr(0, space));
    if (space != std::string::npos) words.push_back(command.substr(space + 1));
    words.emplace_back("--help");
    CHECK(folder.run(words).code == 0);
  }
  const auto nothing = folder.run({});
  CHECK(nothing.code == 2);
  CHECK(nothing.out.empty());
}

TEST_CASE("what is not there is answered by what is near, exit 2, nothing on stdout") {
  const Folder folder;
  const auto g = graph("tiny/fcn8s.toml");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"rum"}, "did you mean 'run'?"},
      {{"data", "chek"}, "data check"},
      {{"run", g, "--mode", "trian"}, "did you mean 'train'?"},
      {{"run", g, "--mode", "train", "--epoch", "1"}, "did you mean '--epochs'?"},
      {{"run", g}, "--mode train|eval|infer|bench"},
      {{"run", "--mode", "train"}, "GRAPH.toml"},
      {{"run", g, "--mode", "eval", "--iterations", "3"}, "does not go with --mode eval"},
      {{"run", g, "--mode", "train", "--epochs", "x"}, "whole number"},
      {{"run", g, "--mode", "train", "--size", "32"}, "HEIGHTxWIDTH"},
      {{"run", g, "--mode", "train", "--size", "0x32"}, "HEIGHTxWIDTH"},
      {{"run", g, "--mode", "infer"}, "--input PATH"},
      {{"ops", "conv2"}, "did you mean 'conv2d'?"},
      {{"compile", g, "--emit", "pdf"}, "not one of"},
      {{"compile", g, "--stop-after", "split_setp"}, "did you mean 'split_setup'?"},
      {{"compile", g, "--stop-after", "split_setup", "--emit", "plan"}, "needs every pass"},
      {{"compile", g, "--dump-ir", "after:nothing"}, "there is no pass 'nothing'"},
      {{"compile", g, "--dump-ir", "sometimes"}, "after:PASS, changed or all"},
      {{"plan", g, "--disable-pass", "order_steps"}, "cannot be disabled: setup steps come first"},
      {{"opt", "absent.graph", "--passes", "drop_identities"}, "absent.graph cannot be read"},
      {{"opt", g, "--passes", "drop_identity"}, "did you mean 'drop_identities'?"},
      {{"opt", g, "--passes", "drop_identities"}, "fcn8s.toml:2:10: error[E0101]"},
      {{"opt"}, "FILE.graph"},
  };
  for (const auto& [words, part] : cases) {
    const auto outcome = folder.run(words);
    CAPTURE(outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(has(outcome.err, part));
  }
}

TEST_CASE("check finds every mistake of each file, with place and caret") {
  const Folder folder;
  const auto bad = folder.write(
      "bad.toml",
      "fcngraph = 1\n[model]\nnaem = \"x\"\n[[head]]\nname = \"h\"\nfrom = \"nowhere\"\nupsample = \"a\"\n");
  const auto outcome = folder.run({"check", graph("tiny/fcn8s.toml"), bad});
  CHECK(outcome.code == 2);
  CHECK(has(outcome.out, "fcn8s.toml: ok"));
  CHECK(has(outcome.err, "bad.toml:3:1: error"));
  CHECK(has(outcome.err, "bad.toml:7:"));
  CHECK(has(outcome.err, "^"));
  const auto json = Json::parse(folder.run({"check", "--json", bad}).out);
  CHECK(json[0]["ok"] == false);
  CHECK(json[0]["diagnostics"].size() >= 2);
  const Json& first = json[0]["diagnostics"][0];
  CHECK(first["line"] == 3);
  CHECK(first["column"] == 1);
  CHECK(first["endColumn"] == 5);
  CHECK(first["code"] == "E0105");
  CHECK(first["suggestion"] == "did you mean 'name'?");
  CHECK(folder.run({"check", graph("tiny/fcn8s.toml")}).code == 0);
  CHECK(folder.run({"check", "absent.toml"}).code != 0);
}

TEST_CASE("each form of the compiler's output, and what there is, as text and JSON") {
  const Folder folder;
  const auto g = graph("tiny/fcn8s.toml");
  for (const char* form : {"graph", "plan", "json", "dot", "svg"}) {
    CAPTURE(form);
    const auto outcome = folder.run({"compile", g, "--emit", form, "--backend", "reference", "--mode", "train"});
    CHECK(outcome.code == 0);
    CHECK(has(outcome.out, "fcn8s"));
    if (std::string(form) == "json") CHECK(Json::parse(outcome.out)["steps"].size() > 20);
    if (std::string(form) == "dot") CHECK(outcome.out.starts_with("digraph"));
    if (std::string(form) == "svg") CHECK((outcome.out.starts_with("<svg ") && outcome.out.ends_with("</svg>\n")));
  }
  CHECK(has(folder.run({"plan", g, "--backend", "reference"}).out, "236 trainable, 30592 frozen"));
  CHECK(has(folder.run({"ops"}).out, "conv2d("));
  CHECK(has(folder.run({"ops", "--markdown"}).out, "## conv2d"));
  CHECK(Json::parse(folder.run({"ops", "--json"}).out).is_array());
  CHECK(Json::parse(folder.run({"schema"}).out)["properties"].contains("head"));
  CHECK(Json::parse(folder.run({"backends", "--json"}).out).back()["name"] == "reference");
  const auto env = Json::parse(folder.run({"env", "--json"}).out);
  for (const char* key : {"fcngraph", "cpu", "isa", "threads", "libraries", "backends", "precision"})
    CHECK(env.contains(key));
}

TEST_CASE("a backend that cannot run here is refused with its own sentence, and auto goes on without it") {
  const Folder folder;
  const auto listed = Json::parse(folder.run({"backends", "--json"}).out);
  for (const auto& backend : listed) {
    if (backend["available"].get<bool>()) continue;
    const auto name = backend["name"].get<std::string>(), why = backend["text"].get<std::string>();
    CAPTURE(name);
    CHECK_FALSE(why.empty());
    const std::vector<std::string> bench{"run",    graph("tiny/fcn8s.toml"), "--mode", "bench", "--weights",
                                         "random", "--iterations",           "1",      "--json"};
    auto asked = bench;
    asked.insert(asked.end(), {"--backend", name});
    const auto refused = folder.run(asked);
    CHECK(refused.code == 3);
    CHECK(has(refused.err, why));
    const auto chosen = folder.run(bench);
    CHECK(chosen.code == 0);
    CHECK(has(Json::parse(chosen.out)["backend_reason"].get<std::string>(), "not " + name + ": " + why));
  }
}

TEST_CASE("a precision that the backend lacks is refused, and says which there is") {
  const Folder folder;
  const auto refused = folder.run(
      {"plan", graph("tiny/fcn8s.toml"), "--mode", "train", "--backend", "reference", "--precision", "bf16"});
  CHECK(refused.code == 3);
  CHECK(has(refused.err,
            "backend 'reference': precision 'bf16' is not available here, expected f32: it has no products of bf16"));
}

TEST_CASE("a graph goes through passes as text, one by one or all at once") {
  const Folder folder;
  const auto g = graph("tiny/fcn8s.toml");
  const std::vector<std::string> target = {"--backend", "reference", "--mode", "train"};
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.end(), target.begin(), target.end());
    const auto outcome = folder.run(words);
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    return outcome;
  };
  const auto input = run({"compile", g, "--stop-after", "input"}).out;
  const auto whole = run({"compile", g, "--emit", "graph"});
  CHECK(whole.err.empty());
  folder.write("in.graph", input);
  std::string names;
  const auto dumped = run({"compile", g, "--dump-ir", "all", "--time-passes", "--dump-ir-dir", "dumps"});
  CHECK(has(dumped.err, "merge_duplicates"));
  CHECK(has(dumped.err, "100.0"));
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path / "dumps"))
    files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() > 8);
  CHECK(files[0] == "00.input.graph");
  for (std::size_t i = 1; i < files.size(); ++i) names += (i > 1 ? "," : "") + files[i].substr(3, files[i].size() - 9);
  // The optimiser's numbers are in the model, not in the graph: [train] of the twin says what is not the default.
  CHECK(run({"opt", "in.graph", "--passes", "drop_identities"}).out == input);
  CHECK(run({"opt", "dumps/" + files.back()}).out == whole.out);
  CHECK(run({"opt", "in.graph", "--passes", names, "-o", "out.graph"}).out.empty());
  CHECK(has(run({"opt", "out.graph"}).out, "adamw("));
  const auto changed = run({"compile", g, "--dump-ir", "after:order_steps"});
  CHECK(changed.err.starts_with("# after order_steps: "));
  CHECK(has(changed.err, "fcngraph 1\n"));
}

TEST_CASE("a data set is written, looked at, and its faults are named") {
  const Folder folder;
  REQUIRE(folder.run({"data", "synth", "camvid", "set", "--train", "2", "--val", "1", "--size", "24x32"}).code == 0);
  const auto good = folder.run({"data", "check", "camvid:set"});
  CHECK(good.code == 0);
  CHECK(has(good.out, "train: 2 samples"));
  CHECK(Json::parse(folder.run({"data", "check", "camvid:set", "--json"}).out)["splits"]["train"]["samples"] == 2);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path / "set" / "train"))
    folder.write("set/train/" + entry.path().filename().string(), "no image");
  const auto bad = folder.run({"data", "check", "camvid:set"});
  CHECK(bad.code == 1);
  CHECK(has(bad.err, "set/train/"));
  CHECK(folder.run({"data", "synth", "voc2", "set"}).code == 2);
  CHECK(folder.run({"data", "check", "camvid:absent"}).code == 1);
}

}  // namespace
}  // namespace fcngraph::testing
