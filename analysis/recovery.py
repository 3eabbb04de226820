"""After a crash, or a store that failed in mid-answer: give every message its end.

What was committed stays. A message without its end gets one (`failed`, with an error that says what happened), and each
of its open calls a failed `tool_complete`, so that the next request is legal and no client waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Open:
    text: list[str] = field(default_factory=list)
    calls: dict[str, events.ToolStart] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


def closing(entries: Iterable[Entry], cause: Cause = RESTARTED) -> list[Draft]:
    """The events that close every message the entries leave open; none when nothing is open."""
    left: dict[str, _Open] = {}
    for event in (entry.event for entry in entries):
        match event:
            case events.MessageStart(message_id):
                left[message_id] = _Open()
            case events.TextDelta(message_id, piece) if message_id in left:
                left[message_id].text.append(piece)
            case events.ToolStart(message_id, tool_id) if message_id in left:
                left[message_id].calls[tool_id] = event
            case events.ToolComplete(message_id, tool_id) if message_id in left:
                left[message_id].calls.pop(tool_id, None)
            case events.Tickmark(message_id, state=state, value_id=value_id) if message_id in left:
                left[message_id].tally.count(state, value_id)
            case events.MessageComplete(message_id):
                left.pop(message_id, None)
            case _:
                pass
    return [draft for message_id, message in left.items() for draft in _ended(message_id, message, cause)]


def _ended(message_id: str, message: _Open, cause: Cause) -> Iterable[Draft]:
    for call in message.calls.values():
        error = {"code": "stopped", "text": CALL_TEXT}
        yield Draft(events.ToolComplete(call.message_id, call.tool_id, call.tool_name, False, error=error))
    yield Draft(events.ErrorRaised(message_id, cause.code, cause.text, True, cause.fault))
    usage = {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0}
    text, counts = "".join(message.text), message.tally.counts()
    yield Draft(events.MessageComplete(message_id, False, "failed", text, usage, figures=counts))
