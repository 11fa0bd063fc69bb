// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <doctest/doctest.h>

#include <array>

namespace fcngraph::cudnn {
namespace {

using Action = ReplayPolicy::Action;

std::array<std::byte, 64> memory;

RunSignature run_of(std::uint64_t kernel, std::size_t address) {
  const std::array<std::byte*, 2> operands{memory.data() + address, nullptr};
  const std::array<std::byte*, 1> results{memory.data()};
  RunSignature run;
  run.add(kernel, {operands, results, nullptr});
  return run;
}

TEST_CASE("a run is launched, then captured, then replayed; another one is another one") {
  ReplayPolicy policy(4);
  CHECK(policy.next(run_of(1, 0)).action == Action::launch);
  const auto captured = policy.next(run_of(1, 0));
  CHECK(captured.action == Action::capture);
  CHECK(captured.graph != 0);
  const auto replayed = policy.next(run_of(1, 0));
  CHECK(replayed.action == Action::replay);
  CHECK(replayed.graph == captured.graph);
  // Another kernel, and another address: what was captured must not run for these.
  CHECK(policy.next(run_of(2, 0)).action == Action::launch);
  CHECK(policy.next(run_of(1, 8)).action == Action::launch);
  CHECK(policy.next(run_of(2, 0)).graph != captured.graph);
}

TEST_CASE("operands are not results, and the end of one list is not the start of the next") {
  const std::array<std::byte*, 2> two{memory.data(), memory.data() + 1};
  const std::span<std::byte* const> all(two);
  RunSignature a, b;
  a.add(1, {all.first(1), all.last(1), nullptr});
  b.add(1, {all, {}, nullptr});
  CHECK_FALSE(a == b);
}

TEST_CASE("what has not been run for the longest time makes place, and its graph is named") {
  ReplayPolicy policy(2);
  (void)policy.next(run_of(1, 0));
  const auto first = policy.next(run_of(1, 0));
  (void)policy.next(run_of(2, 0));
  const auto third = policy.next(run_of(3, 0));
  CHECK(third.dropped == first.graph);
  CHECK(policy.next(run_of(1, 0)).action == Action::launch);
}

TEST_CASE("a run that cannot be captured is launched from then on") {
  ReplayPolicy policy(2);
  (void)policy.next(run_of(1, 0));
  policy.refuse(policy.next(run_of(1, 0)).graph);
  CHECK(policy.next(run_of(1, 0)).action == Action::launch);
  CHECK(policy.next(run_of(1, 0)).action == Action::launch);
}

}  // namespace
}  // namespace fcngraph::cudnn
