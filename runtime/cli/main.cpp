// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>

#include "command.h"
#include "interrupt.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

/// What the program can do, in the order of its help.
std::vector<Command> commands() {
  return {run_command(),          check_command(),       plan_command(),       compile_command(),
          tune_command(),         opt_command(),         ops_command(),        schema_command(),
          import_command(),       data_check_command(),  data_synth_command(), cache_list_command(),
          cache_verify_command(), cache_clear_command(), compare_command(),    doctor_command(),
          ranges_command(),       backends_command(),    env_command(),        version_command()};
}

std::string overview(const std::vector<Command>& table) {
  std::string out = "fcngraph COMMAND ...: train, evaluate and apply fully convolutional networks written in TOML\n\n";
  for (const auto& command : table) out += fmt::format("  {:<12}  {}\n", command.name, command.summary);
  return out + "\n`fcngraph COMMAND --help` lists a command's options.\n";
}

std::string help(const Command& command) {
  return fmt::format("fcngraph {}{}{}\n\n{}\n\n{}", command.name, command.usage.empty() ? "" : " ", command.usage,
                     command.summary, help_of(command.options));
}

/// The command that the words name, which are taken away.
const Command& choose(const std::vector<Command>& table, std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const auto& command : table) {
    names.emplace_back(command.name);
    const auto space = command.name.find(' ');
    const bool fits = space == std::string_view::npos ? words[0] == command.name
                                                      : words.size() > 1 && words[0] == command.name.substr(0, space) &&
                                                            words[1] == command.name.substr(space + 1);
    if (!fits) continue;
    words.erase(words.begin(), words.begin() + (space == std::string_view::npos ? 1 : 2));
    return command;
  }
  if (words[0] == "cache") {
    throw UsageError(
        words.size() > 1
            ? fmt::format("there is no command 'cache {}', expected 'cache list', 'cache verify' or 'cache clear'",
                          words[1])
            : "'cache' lacks what to do: cache list|verify|clear DIR");
  }
  if (words[0] == "data") {
    throw UsageError(words.size() > 1
                         ? fmt::format("there is no command 'data {}', expected 'data check' or 'data synth'", words[1])
                         : "'data' lacks what to do: data check SPEC, or data synth pets|camvid DIR");
  }
  const auto hint = did_you_mean(words[0], names);
  throw UsageError(fmt::format("there is no command '{}'{}", words[0],
                               hint.empty() ? "; `fcngraph --help` lists them" : ", " + hint));
}

int dispatch(std::vector<std::string> words) {
  const auto table = commands();
  if (words.empty()) {
    say(overview(table));
    return kUsage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(overview(table));
    return kOk;
  }
  if (words[0] == "--version") words[0] = "version";
  const Command& command = choose(table, words);
  const auto asks = [](const std::string& word) { return word == "--help" || word == "-h"; };
  if (std::any_of(words.begin(), words.end(), asks)) {
    print(help(command));
    return kOk;
  }
  return command.run(parse(command.options, words));
}

/// Findings say "error[E0203]" themselves; a single sentence does not.
void report(const GraphError& error) {
  const std::string text = error.what();
  const auto& all = error.diagnostics();
  const bool rendered = all.empty() || text != all.front().message;
  say(rendered ? text : fmt::format("error: {}", text));
}

int guarded(const std::vector<std::string>& words) {
  try {
    return dispatch(words);
  } catch (const UsageError& error) {
    say(fmt::format("error: {}", error.what()));
    return kUsage;
  } catch (const GraphError& error) {
    report(error);
    return kUsage;
  } catch (const BackendError& error) {
    say(fmt::format("error: {}", error.what()));
    return kNoBackend;
  } catch (const IoError& error) {
    say(fmt::format("error: {}", error.what()));
    return kFailed;
  } catch (const InternalError& error) {
    say(fmt::format("error: {}", error.what()));
    return kInternal;
  } catch (const std::bad_alloc&) {
    say("error: there is not enough memory");
    return kFailed;
  } catch (const std::exception& error) {
    say(fmt::format("error: {} (unexpected; please report it)", error.what()));
    return kInternal;
  }
}

}  // namespace
}  // namespace fcngraph::cli

int main(int argc, char** argv) {
  fcngraph::cli::catch_interrupts();
  return fcngraph::cli::guarded({argv + 1, argv + argc});
}
