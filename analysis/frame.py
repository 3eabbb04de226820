"""What surrounds a turn: where it stands, what it is about, what a step of it led to, and the words it ends with."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from analysis.events import Draft
from analysis.orders import Order
from analysis.signals import PersonDecided

CUT_CALL = "the model stopped before the input was complete; nothing was run"
STOPPED_CALL = "the answer was stopped before this call finished; it has no result"
TOO_LONG = "The answer took too long and was ended; what had arrived is kept. Ask again, or ask for less at once."
CONTEXT_FULL = "The conversation has grown past what the model can read. Start a new one, or attach less."


class Phase(Enum):
    """Where a turn stands."""

    ASKING = "asking"
    WORKING = "working"
    PARKED = "parked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a turn is about and may not exceed. `approve` names the tools that wait for a person."""

    reply_to: str
    provider: str
    model: str
    max_rounds: int = 12
    approve: frozenset[str] = frozenset()
    approval_expires_at: str = ""


@dataclass(slots=True)
class Step:
    """What a signal led to: events in order, then orders in order."""

    drafts: list[Draft] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


def declined(decision: PersonDecided) -> str:
    """What the model hears when a person says no."""
    words = {"rejected": "a person declined this call", "expired": "nobody decided in time, so this call was not run"}
    text = words.get(decision.decision, "this call was cancelled")
    return f"{text}: {decision.reason}" if decision.reason else text
