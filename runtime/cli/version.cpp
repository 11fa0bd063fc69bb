// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/environment.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {

Command version_command() {
  return {"version", "prints the version", "", {}, [](const Arguments& arguments) -> int {
            if (!arguments.positional().empty()) throw UsageError("version takes nothing");
            print(fmt::format("fcngraph {}\n", version()));
            return kOk;
          }};
}

}  // namespace fcngraph::cli
