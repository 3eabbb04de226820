"""Time as an argument: wall-clock for people (UTC), a monotonic count for limits. Order never depends on either."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the house asks of time."""

    def now(self) -> datetime:
        """The moment, in UTC."""

    def monotonic_s(self) -> float:
        """Seconds since some fixed point; never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class FixedClock:
    """A clock that tests move by hand."""

    def __init__(self, start: datetime = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) -> None:
        self.moment = start
        self.count_s = 0.0

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return self.count_s

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        self.moment += timedelta(seconds=seconds)
        self.count_s += seconds


def stamp(moment: datetime) -> str:
    """The `at` of an event: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
