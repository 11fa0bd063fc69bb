// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <ctime>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/cache.h>
#include <fcngraph/engine/types.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<Option> kOptions = {{"json", Arity::flag, "", "as one JSON document"}};

std::string folder_of(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("expected one folder: the DIR of --cache DIR");
  return arguments.positional()[0];
}

std::string time_text(std::filesystem::file_time_type time) {
  const auto system = std::chrono::file_clock::to_sys(time);
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(system));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

int list(const Arguments& arguments) {
  const auto groups = list_cache(folder_of(arguments));
  if (arguments.has("json")) {
    Json out = Json::array();
    for (const auto& g : groups) {
      out.push_back({{"what", g.what},
                     {"storage", g.storage},
                     {"entries", g.entries},
                     {"bytes", g.bytes},
                     {"last_used", time_text(g.last_used)}});
    }
    print(out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
    return kOk;
  }
  std::vector<std::vector<std::string>> rows = {{"what", "stored as", "entries", "on disk", "last used"}};
  std::int64_t entries = 0, bytes = 0;
  for (const auto& g : groups) {
    rows.push_back({g.what, g.storage, std::to_string(g.entries), human_bytes(g.bytes), time_text(g.last_used)});
    entries += g.entries;
    bytes += g.bytes;
  }
  print(format_columns(rows) + fmt::format("\n{} entries, {}\n", entries, human_bytes(bytes)));
  return kOk;
}

int verify(const Arguments& arguments) {
  const auto report = verify_cache(folder_of(arguments));
  if (arguments.has("json")) {
    Json problems = Json::array();
    for (const auto& p : report.problems) problems.push_back({{"path", p.path.string()}, {"message", p.message}});
    const Json out = {{"entries", report.entries}, {"bytes", report.bytes}, {"problems", std::move(problems)}};
    print(out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  } else {
    for (const auto& p : report.problems) say(fmt::format("{} {}", p.path.string(), p.message));
    print(fmt::format("{} entries, {}: {}\n", report.entries, human_bytes(report.bytes),
                      report.problems.empty() ? "all as they were written"
                                              : fmt::format("{} to be computed again", report.problems.size())));
  }
  return report.problems.empty() ? kOk : kFailed;
}

int clear(const Arguments& arguments) {
  const auto gone = clear_cache(folder_of(arguments));
  if (arguments.has("json")) {
    print(Json({{"entries", gone.entries}, {"bytes", gone.bytes}}).dump(2) + '\n');
  } else {
    print(fmt::format("{} entries removed, {}\n", gone.entries, human_bytes(gone.bytes)));
  }
  return kOk;
}

}  // namespace

Command cache_list_command() {
  return {"cache list", "shows what a feature cache on disk holds", "DIR", kOptions, list};
}
Command cache_verify_command() {
  return {"cache verify", "reads every entry of a feature cache; exit 1 when one is damaged", "DIR", kOptions, verify};
}
Command cache_clear_command() {
  return {"cache clear", "removes the entries of a feature cache", "DIR", kOptions, clear};
}

}  // namespace fcngraph::cli
