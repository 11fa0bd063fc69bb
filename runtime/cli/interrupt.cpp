// SPDX-License-Identifier: Apache-2.0
#include "interrupt.h"

#include <csignal>

namespace fcngraph::cli {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t signalled = 0;

extern "C" void note_signal(int) { signalled = 1; }

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  // After the first one the default is back: who presses twice means it.
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept { return signalled != 0; }

}  // namespace fcngraph::cli
