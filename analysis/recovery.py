"""After a crash, or a store that failed in mid-answer: give every message its end.

What was committed stays. A message without its end gets one (`failed`, with an error that says what happened), and each
of its open calls a failed `tool_complete`, so that the next request is legal and no client waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from analysis import events
from analysis.events import Draft, Entry
from analysis.tally import Tally

CALL_TEXT = "the answer was cut off before this call finished; it has no result"


class Cause(NamedTuple):
    """Why a message has no end: the error that it gets."""

    code: str
    text: str
    fault: str


RESTARTED = Cause(
    "server_restarted",
    "The server restarted while this answer was being written. What had arrived is kept; ask again to go on.",
    "ours",
)
NOT_STORED = Cause(
    "store_unavailable",
    "The answer could not be stored to its end. What had arrived is kept; ask again to go on.",
    "store",
)


def closing(entries: Iterable[Entry], cause: Cause = RESTARTED) -> list[Draft]:
    """The events that close the message the entries leave open; none when nothing is open."""
    started: events.MessageStart | None = None
    text: list[str] = []
    calls: dict[str, events.ToolStart] = {}
    tally = Tally()
    for event in (entry.event for entry in entries):
        match event:
            case events.MessageStart():
                started, text, calls, tally = event, [], {}, Tally()
            case events.TextDelta(_, piece):
                text.append(piece)
            case events.ToolStart(_, tool_id):
                calls[tool_id] = event
            case events.ToolComplete(_, tool_id):
                calls.pop(tool_id, None)
            case events.Tickmark(state=state, value_id=value_id):
                tally.count(state, value_id)
            case events.MessageComplete():
                started = None
            case _:
                pass
    if started is None:
        return []
    return [*_closed(calls.values()), *_ended(started.message_id, "".join(text), tally, cause)]


def _closed(calls: Iterable[events.ToolStart]) -> Iterable[Draft]:
    for call in calls:
        error = {"code": "stopped", "text": CALL_TEXT}
        yield Draft(events.ToolComplete(call.message_id, call.tool_id, call.tool_name, False, error=error))


def _ended(message_id: str, text: str, tally: Tally, cause: Cause) -> Iterable[Draft]:
    yield Draft(events.ErrorRaised(message_id, cause.code, cause.text, True, cause.fault))
    usage = {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0}
    yield Draft(events.MessageComplete(message_id, False, "failed", text, usage, figures=tally.counts()))
