// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <sstream>

#include "golden.h"
#include "program.h"

namespace fcngraph::testing {
namespace {

/// The commands that the overview lists.
std::vector<std::string> commands_of(const std::string& overview) {
  std::vector<std::string> out;
  std::istringstream lines(overview);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) out.push_back(line.substr(2, line.find("  ", 2) - 2));
  }
  return out;
}

TEST_CASE("--help says what was reviewed") {
  const Folder folder;
  const std::filesystem::path goldens = source_dir() / "tests" / "golden" / "help";
  const std::string overview = folder.run({"--help"}).out;
  CHECK_EQ(compare_golden(goldens / "fcngraph.txt", overview), "");
  const auto commands = commands_of(overview);
  CHECK(commands.size() >= 11);
  for (const std::string& command : commands) {
    CAPTURE(command);
    std::istringstream words(command);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) arguments.push_back(word);
    arguments.emplace_back("--help");
    const Outcome outcome = folder.run(arguments);
    CHECK(outcome.code == 0);
    std::string name = command;
    for (char& c : name) c = c == ' ' ? '_' : c;
    CHECK_EQ(compare_golden(goldens / (name + ".txt"), outcome.out), "");
  }
}

}  // namespace
}  // namespace fcngraph::testing
