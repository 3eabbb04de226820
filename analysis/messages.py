"""The neutral transcript: what a provider is asked to continue, in no vendor's words.

The rules every vendor shares hold here already (`analysis/history.py` makes it so): roles alternate, starting with the
user; each `ToolUse` is answered by exactly one `ToolAnswer` in the next user message, before any text; no text is
empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Words:
    """A block of text. Assistant prose holds value references (`[[v12]]`), never the numbers they stand for."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A reasoning block, in its provider's own form; only the provider named in `origin` gets it back."""

    block: Mapping[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model called a tool."""

    tool_id: str
    tool_name: str
    input: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What the tool said. `data` is the structure behind `content`; the offline analyst reads it, vendors get `content`."""

    tool_id: str
    tool_name: str
    content: str
    is_error: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


Block = Words | Thought | ToolUse | ToolAnswer


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the transcript."""

    role: Literal["user", "assistant"]
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model sees it."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything one model call needs. `stable` is the part of the system text that does not change within a
    conversation (providers cache it), `context` the part that does (the data room's catalogue)."""

    model: str
    stable: str
    context: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec]
    max_tokens: int = 8_000
