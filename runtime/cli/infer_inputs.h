// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace fcngraph::cli {

/// One thing to predict: where it is, and what its results are called.
struct InferInput {
  std::string path;  ///< "-": an image on stdin
  std::string stem;
  bool is_npy = false;
};

/// The images and .npy files that --input names, those of folders in alphabetical order; stems are made distinct. Throws UsageError
/// when a folder has none. Files that do not exist are listed: reading them says so.
std::vector<InferInput> list_inputs(const std::vector<std::string>& paths);

}  // namespace fcngraph::cli
