"""The native dialect: the journal's events as they are, and the frames a client may send on a socket.

Its one option is `accumulated_text`: each text delta then also carries the message's text so far, for clients that
would rather replace than append. It is sent while that text, this delta included, has at most 65,536 code points (the
unit of every length on this wire), and is absent from there on; it makes a stream quadratic, so our own clients turn it
off. The text is held as the JSON it becomes, because escaping is per character: escaped pieces joined are the escaped
whole, and a delta costs one copy instead of one more escaping of everything.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from analysis.events import Entry, MessageComplete, MessageStart, TextDelta, encode

ACCUMULATED_LIMIT = 65_536

Name = Annotated[str, Field(max_length=200)]
DocumentIds = Annotated[list[Name], Field(max_length=100)]


class Native:
    """The outgoing half, for one connection."""

    def __init__(self, accumulated_text: bool = False) -> None:
        self.remembers = accumulated_text
        self._so_far: dict[str, bytearray] = {}

    def encode(self, entry: Entry) -> bytes:
        """The event as JSON, with the text so far where the option asks for it."""
        wire = encode(entry)
        if not self.remembers:
            return wire
        text = self._fold(entry)
        return wire if text is None else b"".join((wire[:-1], b',"accumulated_text":"', text, b'"}'))

    def skip(self, entry: Entry) -> None:
        """Take in an entry that came before the cursor."""
        if self.remembers:
            self._fold(entry)

    def _fold(self, entry: Entry) -> bytearray | None:
        """The message's escaped text up to and with this delta; None for other events and beyond the limit."""
        event = entry.event
        kind = type(event)
        if kind is TextDelta:
            return self._grown(event)  # type: ignore[arg-type]
        if kind is MessageStart:
            self._so_far[event.message_id] = bytearray()  # type: ignore[union-attr]
        elif kind is MessageComplete:
            self._so_far.pop(event.message_id, None)  # type: ignore[union-attr]
        return None

    def _grown(self, delta: TextDelta) -> bytearray | None:
        if delta.offset + len(delta.text) > ACCUMULATED_LIMIT:
            self._so_far.pop(delta.message_id, None)
            return None
        text = self._so_far.setdefault(delta.message_id, bytearray())
        text += orjson.dumps(delta.text)[1:-1]
        return text


def hello(conversation_id: str, last_seq: int, running_message_id: str | None) -> bytes:
    """The first frame about a conversation on a socket."""
    frame: dict[str, Any] = {"type": "hello", "conversation_id": conversation_id, "last_seq": last_seq}
    if running_message_id:
        frame["running_message_id"] = running_message_id
    return orjson.dumps(frame)


PONG = b'{"type":"pong"}'


class Words(BaseModel):
    """A question, as both transports take it: the body of `POST …/message` and the `message` frame of a socket."""

    model_config = ConfigDict(extra="forbid")
    message: str
    document_ids: DocumentIds = []
    client_id: Name | None = None
    provider: Name | None = None
    model: Name | None = None
    if_busy: Literal["reject", "queue", "interrupt"] = "reject"


class Frame(BaseModel):
    """Anything a client sends on a socket. `conversation_id` is needed on `/ws`, where one socket carries several."""

    model_config = ConfigDict(extra="forbid")
    TYPE: ClassVar[str]
    type: str
    conversation_id: Annotated[str, Field(max_length=64)] | None = None


class Say(Frame, Words):
    """`message`: ask."""

    TYPE = "message"


class Resume(Frame):
    """`resume`: go on after this number. Checked by `api.cursor`, so that both transports refuse in the same words."""

    TYPE = "resume"
    after: Any = None


class Interrupt(Frame):
    """`interrupt`: stop the running answer, and ask `then` if it is there."""

    TYPE = "interrupt"
    then: str | None = None


class Approval(Frame):
    """`approval`: decide a parked call."""

    TYPE = "approval"
    approval_id: Name
    decision: Literal["approve", "reject"]
    input: dict[str, Any] | None = None
    reason: str | None = None


class Ping(Frame):
    """`ping`: answered with `pong`."""

    TYPE = "ping"


FRAMES: dict[str, type[Frame]] = {frame.TYPE: frame for frame in (Say, Resume, Interrupt, Approval, Ping)}
