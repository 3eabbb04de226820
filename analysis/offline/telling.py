"""What all plans tell the same way: the things to show, and a word on questions that ask why."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from analysis.messages import ToolAnswer
from analysis.offline.artifacts import failures, safe
from analysis.offline.script import Call

WHY = "The file says what changed, not why; these are the figures that moved."
Shown = Generator[tuple[Call, ...], Sequence[ToolAnswer], list[str]]


def show(calls: Sequence[Call | None]) -> Shown:
    """Make the things to show; returns, in words, what could not be made."""
    wanted = tuple(safe(call) for call in calls if call)
    if not wanted:
        return []
    answers = yield wanted
    return failures(wanted, answers)
