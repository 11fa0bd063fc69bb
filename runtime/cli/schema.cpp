// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/schema.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {

Command schema_command() {
  return {"schema", "prints a JSON Schema of model files, for editors", "", {}, [](const Arguments& arguments) -> int {
            if (!arguments.positional().empty()) throw UsageError("schema takes nothing");
            print(json_schema());
            return kOk;
          }};
}

}  // namespace fcngraph::cli
