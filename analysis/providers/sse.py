"""Server-sent events from raw bytes, however the network cut them.

Whole lines are needed, not whole characters: a UTF-8 sequence never holds a CR or an LF byte, so cutting at line ends
first and decoding later makes every chunking of the same bytes come out the same. Lines end with LF, CR LF or CR. A CR
at the very end of a chunk ends its line at once (waiting to see whether an LF follows would hold the event back), and
the LF that may come later is dropped.

Each byte is looked at a constant number of times: a piece without a line end is put aside, never searched again.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_EVENT_BYTES = 32 * 1024 * 1024
_LF, _CR = 10, 13
_BOM = b"\xef\xbb\xbf"


class EventTooLongError(ValueError):
    """One event passed MAX_EVENT_BYTES without an end."""


class Frame(NamedTuple):
    """One event: its name (empty if it has none) and its data lines, joined by LF."""

    name: bytes
    data: bytes


class EventSplitter:
    """Feed it bytes, take frames. Comments, ids and retry hints are dropped; an event without data does not count."""

    __slots__ = ("_after_cr", "_at_start", "_data", "_held_bytes", "_name", "_rest")

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._data: list[bytes] = []
        self._held_bytes = 0
        self._name = b""
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> list[Frame]:
        """The events that these bytes complete, in order. Raises EventTooLongError."""
        if self._after_cr and data:
            self._after_cr = False
            if data[0] == _LF:
                data = data[1:]
        self._held_bytes += len(data)
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        frames: list[Frame] = []
        if cut:
            head = data[:cut]
            self._after_cr = cut == len(data) and head[-1] == _CR
            if self._rest:
                head = b"".join((*self._rest, head))
                self._rest.clear()
            data = data[cut:]
            frames = self._frames(head.splitlines())
        if data:
            self._rest.append(data)
        if frames:
            self._held_bytes = len(data)
        elif self._held_bytes > MAX_EVENT_BYTES:
            raise EventTooLongError
        return frames

    def finish(self) -> list[Frame]:
        """What stands unfinished when the stream ends: some servers leave out the last blank line."""
        lines = b"".join(self._rest).splitlines()
        self._rest.clear()
        return self._frames([*lines, b""])

    def _frames(self, lines: list[bytes]) -> list[Frame]:
        if self._at_start and lines:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BOM)
        frames = []
        for line in lines:
            if not line:
                if self._data:
                    frames.append(Frame(self._name, self._data[0] if len(self._data) == 1 else b"\n".join(self._data)))
                    self._data = []
                self._name = b""
            elif line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif line.startswith(b"event:"):
                self._name = line[6:].strip()
        return frames
