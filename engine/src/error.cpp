// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/error.h>

namespace fcngraph {

Error::~Error() = default;
GraphError::~GraphError() = default;
BackendError::~BackendError() = default;
IoError::~IoError() = default;
InternalError::~InternalError() = default;

GraphError::GraphError(std::vector<Diagnostic> diagnostics)
    : Error(render(diagnostics)), diagnostics_(std::move(diagnostics)) {}

GraphError::GraphError(const std::string& message) : Error(message) {
  diagnostics_.push_back({.code = "E0300", .span = {}, .message = message, .suggestion = {}, .notes = {}});
}

BackendError::BackendError(std::string backend, const std::string& message)
    : Error("backend '" + backend + "': " + message), backend_(std::move(backend)) {}

IoError::IoError(std::string path, const std::string& message)
    : Error(path.empty() ? message : path + ": " + message), path_(std::move(path)) {}

void assertion_failed(const char* condition, const char* file, int line, const std::string& message) {
  throw InternalError(std::string(file) + ":" + std::to_string(line) + ": " + message + " (" + condition +
                      "); this is a defect of fcngraph, please report it");
}

}  // namespace fcngraph
