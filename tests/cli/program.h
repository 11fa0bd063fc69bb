// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fcngraph::testing {

/// What a run of the program came to.
struct Outcome {
  int code = -1;
  std::string out, err;
};

/// Runs it in `folder` and waits. `on_stderr` sees everything that was written to stderr so far, whenever there is more, and may
/// send a signal by returning its number.
Outcome run_program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    const std::function<int(const std::string&)>& on_stderr = {});

/// graphs/NAME of the repository.
std::string graph(const std::string& name);

/// A folder that is gone after the test.
struct Folder {
  std::filesystem::path path;
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Outcome run(const std::vector<std::string>& arguments) const { return run_program(path, arguments); }
  std::string write(const std::string& name, const std::string& text) const;
};

}  // namespace fcngraph::testing
