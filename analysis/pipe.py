"""What goes through the pipe between the workbench and a worker: a small JSON header, and bytes nobody looks into.

A frame is two 4-byte lengths (header, body), the header, the body. It is never a pickle: a worker reads files that
strangers made, and what it says must not be able to run anything in the server.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

MAX_HEADER_BYTES = 64 * 1024 * 1024
MAX_BODY_BYTES = 256 * 1024 * 1024
_LENGTHS = struct.Struct(">II")


class GarbledError(ValueError):
    """What came is no frame; nothing after it can be trusted."""


class TooLargeError(GarbledError):
    """A frame above the limits."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A header (a JSON object with `kind`) and its opaque body."""

    header: dict[str, Any]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """What the frame is about; `` where it does not say."""
        kind = self.header.get("kind")
        return kind if isinstance(kind, str) else ""


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """The frame as bytes. Raises GarbledError for what cannot be JSON, TooLargeError for what is above the limits."""
    try:
        head = orjson.dumps(header, default=_plain)
    except TypeError as error:  # a lone surrogate, a type JSON does not have
        raise GarbledError(str(error)) from error
    _check_lengths(len(head), len(body))
    return b"".join((_LENGTHS.pack(len(head), len(body)), head, body))


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next whole frame from a blocking stream, still packed; None at the end of the stream."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    _check_lengths(head, body)
    rest = stream.read(head + body)
    return lengths + rest if len(rest) == head + body else None


def unpack(packed: bytes) -> Frame:
    """One whole frame. Raises GarbledError."""
    frames = Unpacker()
    found = frames.feed(packed)
    if len(found) != 1 or frames.waiting:
        raise GarbledError("not exactly one frame")
    return found[0]


class Unpacker:
    """Frames out of a stream of bytes that was cut anywhere."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes that are not a whole frame yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with this data. Raises GarbledError; then the stream is of no more use."""
        self._buffer += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if len(self._buffer) < _LENGTHS.size:
            return None
        head, body = _LENGTHS.unpack_from(self._buffer)
        _check_lengths(head, body)
        end = _LENGTHS.size + head + body
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view:
            header = _parsed(bytes(view[_LENGTHS.size : _LENGTHS.size + head]))
            frame = Frame(header, bytes(view[end - body : end]))
        if len(self._buffer) == end:
            self._buffer = bytearray()  # lets go of what a large frame had claimed
        else:
            del self._buffer[:end]
        return frame


def _plain(thing: Any) -> Any:
    """Mappings of every kind are objects."""
    if isinstance(thing, Mapping):
        return dict(thing)
    raise TypeError(f"{type(thing).__name__} has no place in JSON")


def _check_lengths(head: int, body: int) -> None:
    if head > MAX_HEADER_BYTES or body > MAX_BODY_BYTES:
        raise TooLargeError(f"a frame of {head:,} + {body:,} bytes is above the limits")


def _parsed(head: bytes) -> dict[str, Any]:
    try:
        header = orjson.loads(head)
    except orjson.JSONDecodeError as error:
        raise GarbledError("the header is not JSON") from error
    if not isinstance(header, dict):
        raise GarbledError("the header is not an object")
    return header
