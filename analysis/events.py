"""The vocabulary of the wire: every event that a conversation's journal can hold.

These classes *are* the native protocol of docs/wire.md; there is no second set of names. A class is a frozen row: its
fields, in order, are what the JSON carries after the envelope (`seq`, `type`, `conversation_id`, `at`, `message_id`).
A field that is None is absent from the JSON. Payloads (`chart_data`, `document`, ...) stay plain dicts, because the
floors below have already shaped them and encoding them twice would only cost time.

An event is a `Draft` until the journal has numbered it, an `Entry` from then on. `private` travels with it in the
store and is never encoded for a client: reasoning signatures, what the model really wrote, tool results for the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

import orjson

Json = dict[str, Any]
StopReason = Literal[
    "end_turn", "awaiting_approval", "interrupted", "failed", "max_tokens", "too_many_rounds", "refusal"
]
SUCCESSFUL_STOPS = frozenset({"end_turn", "awaiting_approval"})


@dataclass(frozen=True, slots=True)
class ConversationCreated:
    """The first event of every conversation; `parent` only on a branch."""

    TYPE: ClassVar[str] = "conversation_created"
    title: str
    settings: Json
    parent: Json | None = None


@dataclass(frozen=True, slots=True)
class ConversationRenamed:
    """The title changed."""

    TYPE: ClassVar[str] = "conversation_renamed"
    title: str


@dataclass(frozen=True, slots=True)
class DocumentAdded:
    """A document may be looked at from now on. `document` is its card."""

    TYPE: ClassVar[str] = "document_added"
    document: Json


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """A document is being read for this conversation."""

    TYPE: ClassVar[str] = "document_progress"
    document_id: str
    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class DocumentRemoved:
    """A document left the data room; what was said about it stays."""

    TYPE: ClassVar[str] = "document_removed"
    document_id: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """A question was accepted. `client_id` echoes the client's own name for it."""

    TYPE: ClassVar[str] = "user_message"
    message_id: str
    text: str
    document_ids: list[str]
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class MessageStart:
    """An answer begins."""

    TYPE: ClassVar[str] = "message_start"
    message_id: str
    reply_to: str
    provider: str
    model: str
    stage: str | None = None
    continues: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Prose, rendered. `offset` is where it starts in the message's text, in code points."""

    TYPE: ClassVar[str] = "text_delta"
    message_id: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The model's reasoning, where it shows it."""

    TYPE: ClassVar[str] = "thinking_delta"
    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolStart:
    """The model began to write a tool call."""

    TYPE: ClassVar[str] = "tool_start"
    message_id: str
    tool_id: str
    tool_name: str
    text_offset: int


@dataclass(frozen=True, slots=True)
class ToolValidated:
    """The call's JSON is complete and fits the tool's schema."""

    TYPE: ClassVar[str] = "tool_validated"
    message_id: str
    tool_id: str
    tool_name: str
    input: Json


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A long tool says how far it is."""

    TYPE: ClassVar[str] = "tool_progress"
    message_id: str
    tool_id: str
    done: int
    total: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ChartReady:
    """A chart for the reader, placed at `text_offset` of the prose."""

    TYPE: ClassVar[str] = "chart_ready"
    message_id: str
    tool_id: str
    chart_index: int
    text_offset: int
    chart_data: Json


@dataclass(frozen=True, slots=True)
class TableReady:
    """A table for the reader."""

    TYPE: ClassVar[str] = "table_ready"
    message_id: str
    tool_id: str
    table_index: int
    text_offset: int
    table_data: Json


@dataclass(frozen=True, slots=True)
class MetricReady:
    """A headline figure for the reader."""

    TYPE: ClassVar[str] = "metric_ready"
    message_id: str
    tool_id: str
    metric_index: int
    text_offset: int
    metric_data: Json


@dataclass(frozen=True, slots=True)
class ToolComplete:
    """The one end of a tool call: a result, or an error the model can act on."""

    TYPE: ClassVar[str] = "tool_complete"
    message_id: str
    tool_id: str
    tool_name: str
    success: bool
    result: Json | None = None
    error: Json | None = None
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Tickmark:
    """The figure at [start, end) of the message's text is in this state."""

    TYPE: ClassVar[str] = "tickmark"
    message_id: str
    start: int
    end: int
    shown: str
    state: str
    value_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """A person is asked; the call waits."""

    TYPE: ClassVar[str] = "approval_requested"
    message_id: str
    approval_id: str
    what: str
    tool_id: str
    tool_name: str
    input: Json
    text: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class ApprovalResolved:
    """A person (or the clock, or an interrupt) decided."""

    TYPE: ClassVar[str] = "approval_resolved"
    approval_id: str
    decision: str
    by: str
    input: Json | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StageStart:
    """A stage of a longer answer begins."""

    TYPE: ClassVar[str] = "stage_start"
    message_id: str
    stage: str


@dataclass(frozen=True, slots=True)
class StageComplete:
    """A stage of a longer answer ended."""

    TYPE: ClassVar[str] = "stage_complete"
    message_id: str
    stage: str
    output: Json


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know, which is neither prose nor an error."""

    TYPE: ClassVar[str] = "notice"
    message_id: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What could be asked next; before message_complete."""

    TYPE: ClassVar[str] = "suggestions"
    message_id: str
    suggestions: list[str]


@dataclass(frozen=True, slots=True)
class ErrorRaised:
    """What went wrong with this answer, in words for people."""

    TYPE: ClassVar[str] = "error"
    message_id: str
    code: str
    text: str
    retryable: bool
    fault: str


@dataclass(frozen=True, slots=True)
class MessageComplete:
    """The one end of an answer."""

    TYPE: ClassVar[str] = "message_complete"
    message_id: str
    success: bool
    stop_reason: str
    text: str
    usage: Json
    cost: Json | None = None
    figures: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message was taken out of the conversation."""

    TYPE: ClassVar[str] = "message_deleted"
    message_id: str


Event = (
    ConversationCreated
    | ConversationRenamed
    | DocumentAdded
    | DocumentProgress
    | DocumentRemoved
    | UserMessage
    | MessageStart
    | TextDelta
    | ThinkingDelta
    | ToolStart
    | ToolValidated
    | ToolProgress
    | ChartReady
    | TableReady
    | MetricReady
    | ToolComplete
    | Tickmark
    | ApprovalRequested
    | ApprovalResolved
    | StageStart
    | StageComplete
    | Notice
    | Suggestions
    | ErrorRaised
    | MessageComplete
    | MessageDeleted
)
EVENTS: dict[str, type[Event]] = {kind.TYPE: kind for kind in Event.__args__}
_FIELDS: dict[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in EVENTS.values()}


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that has happened and has no number yet."""

    event: Event
    private: Json | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in the journal: numbered, stamped, committed."""

    conversation_id: str
    seq: int
    at: str
    event: Event
    private: Json | None = None


def to_data(event: Event) -> Json:
    """The event's own fields, absent where None. This is what the journal stores."""
    return {name: value for name in _FIELDS[type(event)] if (value := getattr(event, name)) is not None}


def from_data(kind: str, data: Mapping[str, Any]) -> Event:
    """The event back from what the journal stored."""
    return EVENTS[kind](**data)


def encode(entry: Entry) -> bytes:
    """The wire JSON of a numbered event: a function of the entry alone, the same bytes every time."""
    event = entry.event
    if type(event) is TextDelta:
        return _encode_text(entry, event)
    wire: Json = {"seq": entry.seq, "type": event.TYPE, "conversation_id": entry.conversation_id, "at": entry.at}
    wire.update(to_data(event))
    return orjson.dumps(wire)


def _encode_text(entry: Entry, event: TextDelta) -> bytes:
    """Deltas are nine in ten events; the template costs a third of the general way. Ids of ours need no escaping."""
    return (
        b'{"seq":%d,"type":"text_delta","conversation_id":"%b","at":"%b","message_id":"%b","text":%b,"offset":%d}'
        % (
            entry.seq,
            entry.conversation_id.encode(),
            entry.at.encode(),
            event.message_id.encode(),
            orjson.dumps(event.text),
            event.offset,
        )
    )


def decode(wire: bytes) -> Entry:
    """An entry back from its wire JSON (clients, tests, replays)."""
    data = orjson.loads(wire)
    seq, kind, conversation_id, at = (data.pop(key) for key in ("seq", "type", "conversation_id", "at"))
    data.pop("accumulated_text", None)
    return Entry(conversation_id, seq, at, from_data(kind, data))
