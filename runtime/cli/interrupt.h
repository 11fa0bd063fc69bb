// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace fcngraph::cli {

/// Makes the first Ctrl-C (or SIGTERM) a request, the second one the end.
void catch_interrupts();
bool interrupted() noexcept;

}  // namespace fcngraph::cli
