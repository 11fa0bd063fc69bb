// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph {

struct BackendChoice {
  const Backend* backend = nullptr;
  std::string reason;  ///< "auto: onednn, since it is the first that runs here (oneDNN 2.6.3, ...)"
};

/// The backend called `name`; "auto" takes the first of `backends` that can run here. Throws BackendError: for an unknown name, listing
/// those that there are, and for one that cannot run here, with its own sentence why.
FCNGRAPH_API BackendChoice choose_backend(const std::string& name,
                                          std::span<const Backend* const> backends = builtin_backends());

}  // namespace fcngraph
