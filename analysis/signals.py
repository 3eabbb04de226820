"""What the turn machine hears: from the model, from the tools, from the user.

A provider turns its vendor's stream into these and nothing else, so the machine never meets a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.values import Value


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call, as the provider counts them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True, slots=True)
class TextArrived:
    """Prose from the model, as cut by the provider; may hold value references, also in halves."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtArrived:
    """Visible reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ThoughtSealed:
    """A reasoning block ended. `block` is the provider's own form of it (signature, redacted data), to be sent back as it is."""

    block: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolOpened:
    """The model began a tool call; its input follows in fragments of JSON text. `block` tells parallel calls apart."""

    block: int
    tool_id: str
    tool_name: str


@dataclass(frozen=True, slots=True)
class ToolChunk:
    """A fragment of a tool call's input."""

    block: int
    fragment: str


@dataclass(frozen=True, slots=True)
class BlockClosed:
    """A content block is complete. For blocks that are not tools it means nothing to the machine."""

    block: int


@dataclass(frozen=True, slots=True)
class ModelStopped:
    """The provider ended its message properly.

    `reason`: end_turn, tool_use, max_tokens, refusal, pause_turn, context (the window is full).
    """

    reason: str
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class ModelBroke:
    """The provider failed: cut, error event, stall, refusal to serve. `text` is for people."""

    code: str
    text: str
    retryable: bool = True
    fault: str = "upstream"
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something to show: `kind` chart, table or metric; `payload` as on the wire, without ids."""

    kind: str
    payload: Mapping[str, Any]
    full_rows: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool finished. Everything still carries local ids (`~1`); the machine numbers it.

    `content` is what the model reads; `data` the same as structure, for the offline analyst; `tables` are result
    tables in wire form (see tools.results.ResultTable), each of which gets an id `r1`, `r2`, ...
    """

    tool_id: str
    summary: str
    content: str
    artifacts: Sequence[Artifact] = ()
    values: Sequence[Value] = ()
    tables: Sequence[Mapping[str, Any]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ToolRaised:
    """A tool refused, died or overran. `text` speaks to the model."""

    tool_id: str
    code: str
    text: str
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ToolProgressed:
    """A tool says how far it is."""

    tool_id: str
    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ticked:
    """One figure found in checked text, at code points of the message."""

    start: int
    end: int
    shown: str
    state: str
    value_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TextChecked:
    """The ticks of a sentence that was sent out to be checked."""

    check_id: int
    ticks: Sequence[Ticked]


@dataclass(frozen=True, slots=True)
class SuggestionsOffered:
    """What could be asked next."""

    suggestions: Sequence[str]


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """The provider has something to say that is not prose (a retry, a fallback, that it is rule-based)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class PersonDecided:
    """A parked call was decided. `decision`: approved, edited, rejected, expired, cancelled."""

    approval_id: str
    decision: str
    by: str
    input: Mapping[str, Any] | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The turn took too long. `what`: turn or idle."""

    what: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The user pressed stop, or the server is going down (`reason`)."""

    reason: str = "user"


Signal = (
    TextArrived
    | ThoughtArrived
    | ThoughtSealed
    | ToolOpened
    | ToolChunk
    | BlockClosed
    | ModelStopped
    | ModelBroke
    | ToolReturned
    | ToolRaised
    | ToolProgressed
    | TextChecked
    | SuggestionsOffered
    | NoticeGiven
    | PersonDecided
    | DeadlinePassed
    | Interrupted
)
