// SPDX-License-Identifier: Apache-2.0
#include "skip.h"

#include <atomic>
#include <iostream>

namespace fcngraph::testing {
namespace {
std::atomic<int> skipped{0};
}

void skip(std::string_view reason) {
  ++skipped;
  std::cout << "SKIPPED: " << reason << '\n';
}

int skipped_cases() { return skipped; }

}  // namespace fcngraph::testing
