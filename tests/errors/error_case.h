// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::testing {

/// The repository.
std::filesystem::path source_folder();
/// The files of mistakes, in alphabetical order.
std::vector<std::filesystem::path> error_files();

/// A file of mistakes: what it says of itself in comments, and what is found in it.
///   # expect: E0203 38:8             a finding; "other.toml:3:1" for a place in another file, "0:0" for none
///   # set: KEY=VALUE                 as --set
///   # data: SPEC                     as --data
///   # then: check                    a file without mistakes is looked at further: as `fcngraph check` does,
///   # then: compile infer            as the compiler does in that mode (`# refuse: OP`: on a backend that lacks an op;
///                                    `# precision: f16`; `# fetch: NAME`),
///   # then: data                     as one who opens its data does,
///   # then: run                      or as one who runs it and forgets the image,
///   # then: weights NAME             or gives it weights in which the tensor NAME has one number
struct ErrorCase {
  std::vector<std::string> expected;
  std::vector<Diagnostic> found;
};
ErrorCase read_error_case(const std::filesystem::path& path);

/// "E0203 38:8": a finding as the comments say it.
std::string code_and_place(const Diagnostic& diagnostic, const std::filesystem::path& path);

/// A finding as a person reads it, paths relative to the repository.
std::string shown(const Diagnostic& diagnostic);

}  // namespace fcngraph::testing
