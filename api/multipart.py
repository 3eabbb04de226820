"""A multipart body, read part by part while it arrives, so that a large file is never held whole.

`python_multipart` parses and calls back; this turns its callbacks into something to pull on. A part must be used
before the next one is asked for, since there is only one stream; what is left of it is skipped.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from analysis.errors import CallerError


@dataclass(frozen=True, slots=True)
class Part:
    """A part's head. `filename` is None for a plain field."""

    name: str
    filename: str | None
    media_type: str


_END = object()  # a part ended
_EXTENDED_NAME = re.compile(rb"filename\*\s*=\s*utf-8''([^;\s]+)", re.IGNORECASE)  # some clients send only this form


class Parts:
    """The parts of one body. CallerError: wrong_content_type, bad_multipart (unreadable, or cut in the middle)."""

    def __init__(self, content_type: str, stream: AsyncIterator[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            given = repr(content_type[:60]) if content_type else "missing"
            raise CallerError("wrong_content_type", f"Send multipart/form-data; the Content-Type is {given}.")
        boundary = options.get(b"boundary")
        if not boundary:
            raise CallerError("bad_multipart", "The Content-Type names no multipart boundary.")
        self._stream = stream
        self._found: deque[Part | bytes | object] = deque()
        self._head: dict[bytes, bytes] = {}
        self._field = b""
        self._value = b""
        self._complete = False
        self._inside = False
        self._parser = self._make_parser(boundary)

    async def next(self) -> Part | None:
        """The next part; None after the last."""
        while self._inside:
            await self._data()
        while not self._found:
            if self._complete or not await self._pull():
                return None
        part = self._found.popleft()
        assert isinstance(part, Part)
        self._inside = True
        return part

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the part that `next` gave last."""
        while (data := await self._data()) is not None:
            yield data

    async def text(self, limit_bytes: int, too_long: str) -> str:
        """The part as text (bytes that are not UTF-8 become U+FFFD); CallerError with the code `too_long` beyond the limit."""
        whole = bytearray()
        async for chunk in self.chunks():
            whole += chunk
            if len(whole) > limit_bytes:
                raise CallerError(too_long, f"This field is too long; at most {limit_bytes:,} bytes can be sent.")
        return whole.decode("utf-8", "replace")

    async def _data(self) -> bytes | None:
        if not self._inside:
            return None
        while not self._found:
            if not await self._pull():
                raise CallerError("bad_multipart", "The multipart body ends in the middle of a part.")
        found = self._found.popleft()
        if isinstance(found, bytes):
            return found
        self._inside = False
        return None

    async def _pull(self) -> bool:
        """Parse one more piece of the body; False at its end."""
        chunk = await anext(self._stream, None)
        if chunk is None:
            if not self._complete:
                raise CallerError("bad_multipart", "The multipart body ends without its closing boundary.")
            return False
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise CallerError("bad_multipart", "The body is not well-formed multipart/form-data.") from None
        return True

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        def on_header_field(data: bytes, start: int, end: int) -> None:
            self._field += data[start:end]

        def on_header_value(data: bytes, start: int, end: int) -> None:
            self._value += data[start:end]

        def on_header_end() -> None:
            self._head[self._field.lower()] = self._value
            self._field = self._value = b""

        def on_part_data(data: bytes, start: int, end: int) -> None:
            self._found.append(data[start:end])

        def on_end() -> None:
            self._complete = True

        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._head.clear,
                    "on_header_field": on_header_field,
                    "on_header_value": on_header_value,
                    "on_header_end": on_header_end,
                    "on_headers_finished": lambda: self._found.append(self._part()),
                    "on_part_data": on_part_data,
                    "on_part_end": lambda: self._found.append(_END),
                    "on_end": on_end,
                },
            )
        except FormParserError:
            raise CallerError("bad_multipart", "The multipart boundary is too long.") from None

    def _part(self) -> Part:
        disposition = self._head.get(b"content-disposition", b"")
        _, options = parse_options_header(disposition)
        name, filename = options.get(b"name"), options.get(b"filename")
        if filename is None and (extended := _EXTENDED_NAME.search(disposition)):
            filename = unquote_to_bytes(extended[1])
        if name is None:
            raise CallerError("bad_multipart", "A part has no name in its Content-Disposition.")
        media_type = self._head.get(b"content-type", b"application/octet-stream").decode("latin-1")
        return Part(_decoded(name), None if filename is None else _decoded(filename), media_type)


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
