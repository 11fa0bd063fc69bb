# SPDX-License-Identifier: Apache-2.0
"""A row a check: what was measured, what is allowed, and whether it holds."""
import numpy as np


def rms(value):
    return float(np.sqrt(np.mean(np.square(value, dtype=np.float64))))


def difference(ours, theirs):
    """RMS of the difference, and the largest difference, over the RMS of the value."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if ours.shape != theirs.shape:
        raise ValueError(f"shapes {ours.shape} and {theirs.shape} are to be compared")
    size = rms(theirs) or 1.0
    return rms(ours - theirs) / size, float(np.abs(ours - theirs).max()) / size


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def title(self, text):
        print(f"\n{text}", flush=True)

    def check(self, what, measured, limit):
        """`measured` must not exceed `limit`; NaN fails."""
        good = bool(measured <= limit)
        self.passed += good
        self.failed += not good
        print(f"  {what:<66} {measured:9.2e}   at most {limit:.0e}{'' if good else '   FAILED'}", flush=True)
        return good

    def compare(self, what, ours, theirs, limit=1e-4):
        """Within `limit` of its RMS, the largest difference within ten times that."""
        mean, largest = difference(ours, theirs)
        self.check(f"{what}, RMS", mean, limit)
        self.check(f"{what}, largest", largest, 10 * limit)

    def end(self):
        print(f"\n{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
