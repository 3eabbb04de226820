"""The Messages stream, decoded: raw bytes in, signals out, nothing awaited and nothing kept that is not needed.

The vendor's own helper parses the whole tool input again at every fragment, which is quadratic; its event objects cost
ten times the parse. Here each event is parsed once, and the fragments of a tool input that one network read brought are
one signal, so a megabyte of tool input in 32-byte fragments costs a megabyte's worth of work. Text stays as it was cut.

What we hold to, because the field learnt it the hard way:

- A stream is complete only if `message_stop` was seen. A clean end of the connection proves nothing.
- Unknown events, blocks and deltas are passed over: the vendor adds some every month. A *known* event of the wrong
  shape, or one that is not JSON, may have been text; passing over it would lose words in silence, so it breaks the
  stream.
- JavaScript gateways cut text by UTF-16 units, so half of an emoji can end one delta and its other half begin the next.
  The half waits for its partner; alone it becomes U+FFFD. orjson refuses such text, and only then the slower standard
  parser is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from analysis.providers.anthropic_errors import CUT, UNREADABLE, Meaning, broke, meaning_of
from analysis.providers.sse import EventSplitter, Frame
from analysis.signals import (
    BlockClosed,
    ModelStopped,
    Signal,
    TextArrived,
    ThoughtArrived,
    ThoughtSealed,
    ToolChunk,
    ToolOpened,
    Usage,
)

Json = dict[str, Any]

REASONS: dict[str, str] = {
    "end_turn": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "stop_sequence": "end_turn",
    "refusal": "refusal",
    "pause_turn": "pause_turn",
    "model_context_window_exceeded": "context",
}
_COUNTS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation_input_tokens": "cache_write_tokens",
}
_FRAGMENTS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


@dataclass(slots=True)
class _Block:
    """An open content block. `given` is what its start brought: a redacted thought, or a tool input sent in one piece."""

    kind: str
    given: Json
    signature: str = ""
    thought: list[str] = field(default_factory=list)
    has_chunks: bool = False


class StreamDecoder:
    """One response. `feed` bytes as they come, `end` when there are no more; after `ended` both give nothing."""

    def __init__(self) -> None:
        self.ended = False
        self._splitter = EventSplitter()
        self._blocks: dict[int, _Block] = {}
        self._highs: dict[int, tuple[str, str]] = {}
        self._counts: dict[str, int] = {}
        self._reason: str | None = None
        self._pieces: list[str] = []
        self._pieces_of = 0
        self._is_odd = False
        self._has_tools = False
        self._heard = False

    @property
    def usage(self) -> Usage:
        """Tokens as counted so far."""
        return Usage(**self._counts)

    @property
    def has_heard(self) -> bool:
        """Whether anything at all came that looks like this protocol."""
        return self._heard

    def feed(self, data: bytes) -> list[Signal]:
        """The signals that these bytes complete."""
        out: list[Signal] = []
        if not self.ended:
            try:
                frames = self._splitter.feed(data)
            except ValueError:
                self._break(UNREADABLE, out)
                return out
            for frame in frames:
                self._hear(frame, out)
            self._flush(out)
        return out

    def end(self, why: Meaning = CUT) -> list[Signal]:
        """The stream is over, for this reason: what was left, and ModelBroke unless the message had ended properly."""
        out: list[Signal] = []
        if self.ended:
            return out
        for frame in self._splitter.finish():
            if _is_json(frame.data):
                self._hear(frame, out)
        if not self.ended:
            self._flush(out)
            self._break(why, out)
        return out

    def _hear(self, frame: Frame, out: list[Signal]) -> None:
        if self.ended:
            return
        try:
            event = self._parse(frame.data)
            kind = event.get("type") or frame.name.decode()
            handle = _HANDLERS.get(kind)
            if handle is not None:
                self._heard = True
                if self._pieces and kind != "content_block_delta":
                    self._flush(out)
                handle(self, event, out)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
            self._flush(out)
            self._break(UNREADABLE, out)

    def _parse(self, data: bytes) -> Json:
        self._is_odd = False
        try:
            return orjson.loads(data)  # type: ignore[no-any-return]
        except orjson.JSONDecodeError:
            if data.strip() in (b"", b"[DONE]"):
                return {"type": "ping"}
            event: Json = json.loads(data)
            self._is_odd = True
            return event

    def _on_delta(self, event: Json, out: list[Signal]) -> None:
        delta = event["delta"]
        kind = delta["type"]
        index = event["index"]
        if kind in _FRAGMENTS:
            text = _text(delta[_FRAGMENTS[kind]])
            if self._is_odd or self._highs:
                text = self._mend(index, kind, text)
            if text:
                self._say(index, kind, text, out)
        elif kind == "signature_delta" and index in self._blocks:
            self._blocks[index].signature += _text(delta["signature"])

    def _say(self, index: int, kind: str, text: str, out: list[Signal]) -> None:
        block = self._blocks.get(index)
        if kind == "input_json_delta":
            if block is not None and block.kind == "tool_use":
                if self._pieces and self._pieces_of != index:
                    self._flush(out)
                block.has_chunks = True
                self._pieces_of = index
                self._pieces.append(text)
            return
        self._flush(out)
        if kind == "text_delta":
            out.append(TextArrived(text))
        elif block is not None and block.kind == "thinking":
            block.thought.append(text)
            out.append(ThoughtArrived(text))

    def _flush(self, out: list[Signal]) -> None:
        if self._pieces:
            out.append(ToolChunk(self._pieces_of, "".join(self._pieces)))
            self._pieces.clear()

    def _mend(self, index: int, kind: str, text: str) -> str:
        """Join surrogate halves over the cut between two deltas of a block; a half at the end is held back."""
        _, high = self._highs.pop(index, ("", ""))
        text = high + text
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._highs[index] = (kind, text[-1])
            text = text[:-1]
        return _whole(text)

    def _release(self, out: list[Signal], *indices: int) -> None:
        """A half that found no partner."""
        for index in indices or tuple(self._highs):
            kind, high = self._highs.pop(index, ("", ""))
            if high:
                self._say(index, kind, "\ufffd", out)
        self._flush(out)

    def _on_block_start(self, event: Json, out: list[Signal]) -> None:
        index = event["index"]
        if type(index) is not int:
            raise TypeError
        given = _whole_all(event["content_block"]) if self._is_odd else event["content_block"]
        kind = given["type"]
        block = self._blocks[index] = _Block(kind, given)
        if kind == "text" and given.get("text"):
            self._say(index, "text_delta", _text(given["text"]), out)
        elif kind == "thinking":
            block.signature = _text(given.get("signature") or "")
            if given.get("thinking"):
                self._say(index, "thinking_delta", _text(given["thinking"]), out)
        elif kind == "tool_use":
            tool_id, name = _text(given["id"]), _text(given["name"])
            if not tool_id or not name:
                raise ValueError
            self._has_tools = True
            out.append(ToolOpened(index, tool_id, name))

    def _on_block_stop(self, event: Json, out: list[Signal]) -> None:
        index = event["index"]
        self._release(out, index)
        block = self._blocks.pop(index, None)
        if block is None:
            return
        if block.kind == "thinking" and block.signature:
            thought = "".join(block.thought)
            out.append(ThoughtSealed({"type": "thinking", "thinking": thought, "signature": block.signature}))
        elif block.kind == "redacted_thinking":
            out.append(ThoughtSealed(block.given))
        elif block.kind == "tool_use" and block.given.get("input") and not block.has_chunks:
            out.append(ToolChunk(index, orjson.dumps(block.given["input"]).decode()))
        out.append(BlockClosed(index))

    def _on_message_start(self, event: Json, out: list[Signal]) -> None:
        self._count(event["message"].get("usage"))

    def _on_message_delta(self, event: Json, out: list[Signal]) -> None:
        self._count(event.get("usage"))
        reason = event["delta"].get("stop_reason")
        if isinstance(reason, str):
            self._reason = reason

    def _on_message_stop(self, event: Json, out: list[Signal]) -> None:
        self._release(out)
        self.ended = True
        unnamed = "tool_use" if self._has_tools else "end_turn"
        out.append(ModelStopped(REASONS.get(self._reason or "", unnamed), self.usage))

    def _on_error(self, event: Json, out: list[Signal]) -> None:
        error = event.get("error")
        self._break(meaning_of(error.get("type") if isinstance(error, dict) else None), out)

    def _break(self, meaning: Meaning, out: list[Signal]) -> None:
        self._release(out)
        self.ended = True
        out.append(broke(meaning, self.usage))

    def _count(self, usage: Any) -> None:
        """Counts are cumulative; one that is absent or null keeps its former figure."""
        if isinstance(usage, dict):
            for theirs, ours in _COUNTS.items():
                if type(usage.get(theirs)) is int:
                    self._counts[ours] = usage[theirs]


_HANDLERS: dict[str, Callable[[StreamDecoder, Json, list[Signal]], None]] = {
    "content_block_delta": StreamDecoder._on_delta,
    "content_block_start": StreamDecoder._on_block_start,
    "content_block_stop": StreamDecoder._on_block_stop,
    "message_start": StreamDecoder._on_message_start,
    "message_delta": StreamDecoder._on_message_delta,
    "message_stop": StreamDecoder._on_message_stop,
    "error": StreamDecoder._on_error,
}


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _whole(text: str) -> str:
    """Pairs of surrogates become their character, single ones U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _whole_all(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_whole(key): _whole_all(item) for key, item in value.items()}
    return [_whole_all(item) for item in value] if isinstance(value, list) else value


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
