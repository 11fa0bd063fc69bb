// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <doctest/doctest.h>

namespace fcngraph::cli {
namespace {

const std::vector<Option>& table() {
  static const std::vector<Option> options = {{"mode", Arity::one, "MODE", "what", {"train", "eval"}},
                                              {"epochs", Arity::one, "N", "how often"},
                                              {"set", Arity::repeated, "A=B", "a key"},
                                              {"fetch", Arity::list, "NAME,...", "values"},
                                              {"input", Arity::many, "PATH", "files"},
                                              {"json", Arity::flag, "", "as JSON"}};
  return options;
}

Arguments of(const std::vector<std::string>& words) { return parse(table(), words); }

TEST_CASE("values come after a space or an equals sign") {
  const auto a = of({"g.toml", "--mode", "train", "--epochs=3", "--json"});
  CHECK(a.positional() == std::vector<std::string>{"g.toml"});
  CHECK(a.text("mode") == "train");
  CHECK(*a.integer("epochs", 0, 10) == 3);
  CHECK(a.has("json"));
  CHECK_FALSE(a.has("fetch"));
  CHECK(a.text("fetch", "none") == "none");
}

TEST_CASE("options repeat, split at commas, or take all words up to the next one") {
  const auto a =
      of({"--set", "a=1", "--set=b=2", "--fetch", "x,y", "--input", "a.png", "-", "b.png", "--json", "g.toml"});
  CHECK(a.list("set") == std::vector<std::string>{"a=1", "b=2"});
  CHECK(a.list("fetch") == std::vector<std::string>{"x", "y"});
  CHECK(a.list("input") == std::vector<std::string>{"a.png", "-", "b.png"});
  CHECK(a.positional() == std::vector<std::string>{"g.toml"});
}

TEST_CASE("two dashes end the options") {
  CHECK(of({"--", "--json"}).positional() == std::vector<std::string>{"--json"});
}

TEST_CASE("mistakes name the nearest option or word") {
  CHECK_THROWS_WITH_AS(of({"--epoch", "3"}), "there is no option '--epoch', did you mean '--epochs'?", UsageError);
  CHECK_THROWS_WITH_AS(of({"--zebra"}), "there is no option '--zebra'", UsageError);
  CHECK_THROWS_WITH_AS(of({"--mode", "trian"}), "--mode: 'trian' is not one of train, eval; did you mean 'train'?",
                       UsageError);
  CHECK_THROWS_WITH_AS(of({"-x"}), "there is no option '-x': options have two dashes", UsageError);
  CHECK_THROWS_WITH_AS(of({"--epochs"}), "--epochs lacks its value: --epochs N", UsageError);
  CHECK_THROWS_WITH_AS(of({"--epochs", "--json"}), "--epochs lacks its value: --epochs N", UsageError);
  CHECK_THROWS_WITH_AS(of({"--epochs=1", "--epochs=2"}), "--epochs is given twice", UsageError);
  CHECK_THROWS_WITH_AS(of({"--json=yes"}), "--json takes no value", UsageError);
  CHECK_THROWS_AS(of({"--fetch", "a,,b"}), UsageError);
}

TEST_CASE("numbers are whole and within their range") {
  for (const char* wrong : {"x", "3x", "1.5", "", "-1", "11", "99999999999999999999"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS((void)of({std::string("--epochs=") + wrong}).integer("epochs", 0, 10), UsageError);
  }
}

TEST_CASE("help has a line an option") {
  const auto text = help_of(table());
  for (const auto& option : table()) CHECK(text.find("--" + std::string(option.name)) != std::string::npos);
}

}  // namespace
}  // namespace fcngraph::cli
