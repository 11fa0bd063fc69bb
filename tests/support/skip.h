// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace fcngraph::testing {

/// Says aloud that the running test case cannot be carried out here, and why; the case then returns. A program all of whose
/// cases were skipped exits with 77, which ctest shows as "Skipped": give cases that depend on the machine or on data that
/// may be absent a program of their own.
void skip(std::string_view reason);

/// How many cases have called skip().
int skipped_cases();

}  // namespace fcngraph::testing
