"""The JSON Schema of every event, built from the classes that are the vocabulary, so that it cannot fall behind them.

A field is required unless its class allows None, since None is absent on the wire. Payloads (`chart_data`, `document`,
an input) are open objects here: their shape belongs to the floors below and is described in docs/wire.md. Where a class
says `str` and the protocol knows the words, the table below names them.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from analysis.errors import Fault
from analysis.events import EVENTS, StopReason
from tools.values import State

SEQ = {"type": "integer", "minimum": 1, "description": "dense within a conversation"}
AT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("message_complete", "stop_reason"): get_args(StopReason),
    ("tickmark", "state"): get_args(State),
    ("error", "fault"): get_args(Fault),
    ("approval_resolved", "decision"): ("approved", "edited", "rejected", "expired", "cancelled"),
}
ACCUMULATED = {
    "type": "string",
    "description": "the message's text so far; an encoder option, absent beyond 65,536 code points",
}
_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    float: {"type": "number"},
    Any: {},
}


def build() -> dict[str, Any]:
    """One schema: an event is exactly one of the definitions."""
    definitions = {name: _event(name) for name in EVENTS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tickmark events",
        "description": "Every event a conversation's journal can hold, as SSE and WebSocket carry it.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in definitions],
        "$defs": definitions,
    }


def _event(name: str) -> dict[str, Any]:
    kind = EVENTS[name]
    hints = {field: hint for field, hint in get_type_hints(kind).items() if field != "TYPE"}
    fields = {field: _words(name, field) or _schema(hint) for field, hint in hints.items()}
    if name == "text_delta":
        fields["accumulated_text"] = ACCUMULATED
    envelope = {"seq": SEQ, "type": {"const": name}, "conversation_id": {"type": "string"}, "at": AT}
    return {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "properties": {**envelope, **fields},
        "required": [*envelope, *(field for field, hint in hints.items() if NoneType not in get_args(hint))],
        "additionalProperties": False,
    }


def _words(event: str, field: str) -> dict[str, Any] | None:
    words = WORDS.get((event, field))
    return {"enum": list(words)} if words else None


def _schema(hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _schema(next(choice for choice in inner if choice is not NoneType))
    if origin is list:
        return {"type": "array", "items": _schema(inner[0])}
    if origin is dict:
        return {"type": "object"}
    return _PLAIN[hint]
