// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "arguments.h"

namespace fcngraph::cli {

/// Exit codes that scripts rely on.
enum ExitCode : int { kOk = 0, kFailed = 1, kUsage = 2, kNoBackend = 3, kInternal = 70, kInterrupted = 130 };

/// A command: a file of its own, and a row in the table of main.cpp.
struct Command {
  std::string_view name;  ///< one word, or two: "data check"
  std::string_view summary;
  std::string_view usage;  ///< what follows the name
  std::vector<Option> options;
  int (*run)(const Arguments&);
};

Command run_command();
Command check_command();
Command plan_command();
Command compile_command();
Command tune_command();
Command opt_command();
Command ops_command();
Command schema_command();
Command data_check_command();
Command data_synth_command();
Command import_command();
Command cache_list_command();
Command cache_verify_command();
Command cache_clear_command();
Command compare_command();
Command doctor_command();
Command ranges_command();
Command backends_command();
Command env_command();
Command version_command();

// The modes of `run`.
int run_train(const Arguments& arguments);
int run_eval(const Arguments& arguments);
int run_infer(const Arguments& arguments);
int run_bench(const Arguments& arguments);

}  // namespace fcngraph::cli
