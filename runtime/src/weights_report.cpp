// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include <fcngraph/weights.h>

namespace fcngraph {

std::string WeightsReport::to_text(std::size_t limit) const {
  std::vector<std::string> statuses;
  std::size_t name_width = 0, status_width = 0;
  for (const Row& row : rows) {
    if (std::find(statuses.begin(), statuses.end(), row.status) == statuses.end()) statuses.push_back(row.status);
    name_width = std::max(name_width, row.name.size());
    status_width = std::max(status_width, row.status.size());
  }
  std::string text;
  for (const std::string& status : statuses) {
    std::size_t seen = 0;
    for (const Row& row : rows) {
      if (row.status != status || ++seen > limit) continue;
      text += fmt::format("{:<{}}  {:<{}}  {}\n", row.name, name_width, row.status, status_width, row.detail);
    }
    if (seen > limit)
      text += fmt::format("{:<{}}  {:<{}}  {} more\n", "...", name_width, status, status_width, seen - limit);
  }
  return text + fmt::format("{} loaded{}, {} at their initialisers, {} unused\n", loaded,
                            reshaped > 0 ? fmt::format(" ({} reshaped)", reshaped) : "", initialised, unused);
}

}  // namespace fcngraph
