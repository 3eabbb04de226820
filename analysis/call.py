"""One tool call in the making: its fragments, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from analysis.events import ApprovalRequested
from analysis.gate import MAX_INPUT_CHARS

MAX_SHOWN_CHARS = 40_000
SHOWN_OF_LONG = 2_000


class State(Enum):
    """WRITING: the model writes its input. HELD: closed with an empty input. RUNNING. WAITING: for a person. DONE."""

    WRITING = "writing"
    HELD = "held"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"


@dataclass(slots=True)
class Call:
    """A call of round `round`. Fragments are joined once, when the block closes: joining at each would be quadratic."""

    tool_id: str
    tool_name: str
    text_offset: int
    round: int
    state: State = State.WRITING
    size: int = 0
    input: Mapping[str, Any] = field(default_factory=dict)
    approval_id: str = ""
    _fragments: list[str] = field(default_factory=list)

    def write(self, fragment: str) -> None:
        """Keep a fragment; beyond the cap only the length grows, and the gate refuses."""
        self.size += len(fragment)
        if self.size <= MAX_INPUT_CHARS:
            self._fragments.append(fragment)

    def wait(self, approval_id: str) -> None:
        """Park it until a person decides."""
        self.state = State.WAITING
        self.approval_id = approval_id

    def shown(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The input as events and the model's history carry it: whole, unless it is so long that it would crowd out the rest."""
        if self.size <= MAX_SHOWN_CHARS:
            return dict(given)
        return {"INPUT_TOO_LONG": orjson.dumps(given)[:SHOWN_OF_LONG].decode("utf-8", "ignore")}

    def take_text(self) -> str:
        """The whole input, once; the fragments are let go."""
        text = "".join(self._fragments)
        self._fragments = []
        return text


def asked(message_id: str, call: Call, expires_at: str) -> ApprovalRequested:
    """The question to a person whether a waiting call may run."""
    words = f"Run {call.tool_name} with these inputs?"
    return ApprovalRequested(
        message_id, call.approval_id, "tool", call.tool_id, call.tool_name, call.shown(call.input), words, expires_at
    )
