// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <omp.h>

namespace fcngraph::onednn {

/// Sets the number of OpenMP threads of the calling thread, and puts it back. oneDNN splits the work of a primitive by the
/// number that is set when the primitive is made, so it must be the same then and when it runs.
class ThreadScope {
 public:
  /// 0: leaves the number as it is.
  explicit ThreadScope(int threads) : before_(omp_get_max_threads()) {
    if (threads > 0) omp_set_num_threads(threads);
  }
  ~ThreadScope() { omp_set_num_threads(before_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

}  // namespace fcngraph::onednn
