"""What a terminal command asks of a service, in this process or behind an address; the commands cannot tell which.

A service keeps one cursor for the one conversation a command is about: `ask` gives every event after it, up to the end
of the answer, as the wire has it. So what a command prints is the same, byte for byte, whoever served it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

Json = dict[str, Any]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A document to bring: where its bytes lie for now, and the name it goes by."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which documents besides those attached already, and of whom."""

    text: str
    document_ids: Sequence[str] = ()
    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An event: the bytes of the wire, and what they say."""

    wire: bytes
    event: Json

    @staticmethod
    def of(wire: bytes) -> Heard:
        return Heard(wire, orjson.loads(wire))


class Service(Protocol):
    """One conversation with a house. Whatever goes wrong is a TickmarkError in words for the person at the terminal."""

    async def bring(self, source: Source, told: Progress) -> Json:
        """Put a document into the library: its card. `told` hears the stage of the reading."""

    async def open(self, conversation_id: str | None = None) -> Json:
        """Go on with a conversation, or make a new one: what `GET /api/conversation/{id}` shows."""

    def ask(self, question: Question) -> AsyncGenerator[Heard]:
        """Everything after the cursor, to the end of the answer to this question."""

    async def interrupt(self) -> None:
        """Stop the running answer, if there is one."""

    async def value(self, value_id: str) -> Json:
        """A figure, and what it was computed from: `{"value": Value, "inputs": [Value]}`."""


class Chain:
    """Says which event ends the answer to a question. A call that waits for a person ends it too: nobody is asked here."""

    def __init__(self) -> None:
        self.question_id = ""
        self._answers: set[str] = set()

    def ends_with(self, event: Json) -> bool:
        """Hear the next event; whether it is the last of the answer."""
        kind, message_id = event["type"], event.get("message_id", "")
        if kind == "message_start" and (
            event["reply_to"] == self.question_id or event.get("continues") in self._answers
        ):
            self._answers.add(message_id)
        return kind == "message_complete" and message_id in self._answers
