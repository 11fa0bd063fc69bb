// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/export.h>

namespace fcngraph {

/// The one exception family of the library. The class says whose fault it is:
/// GraphError and IoError the user's, BackendError the machine's, InternalError ours.
class FCNGRAPH_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  ~Error() override;
};

/// A graph, data description or request that cannot be carried out. Owns every diagnostic found.
class FCNGRAPH_API GraphError : public Error {
 public:
  explicit GraphError(std::vector<Diagnostic> diagnostics);
  explicit GraphError(const std::string& message);
  ~GraphError() override;
  const std::vector<Diagnostic>& diagnostics() const noexcept { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// A backend that is missing or that failed. `backend()` names it.
class FCNGRAPH_API BackendError : public Error {
 public:
  BackendError(std::string backend, const std::string& message);
  ~BackendError() override;
  const std::string& backend() const noexcept { return backend_; }

 private:
  std::string backend_;
};

/// A file or folder that cannot be read or written, or whose contents are damaged. `path()` names it.
class FCNGRAPH_API IoError : public Error {
 public:
  IoError(std::string path, const std::string& message);
  ~IoError() override;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// A broken promise of our own. Please report it.
class FCNGRAPH_API InternalError : public Error {
 public:
  using Error::Error;
  ~InternalError() override;
};

[[noreturn]] FCNGRAPH_API void assertion_failed(const char* condition, const char* file, int line,
                                                const std::string& message);

}  // namespace fcngraph

/// Checks a promise of our own code; never used for user input. Always on: it is cheap.
#define FCNGRAPH_ASSERT(condition, message)                                                  \
  do {                                                                                       \
    if (!(condition)) ::fcngraph::assertion_failed(#condition, __FILE__, __LINE__, message); \
  } while (false)
