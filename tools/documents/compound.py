"""The compound file that old workbooks come in, walked once before a parser trusts it.

Its streams are chains of sectors in a table, and a chain that leads back into itself never ends: a parser that follows
it collects sectors until memory does. Sound files have chains that share no sector, so that all steps together are no
more than there are sectors.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_LAST_SECTOR = 0xFFFFFFFA  # numbers above are marks: free, end of a chain, part of a table
_ENTRY = 128
_IN_HEADER = 109
_SMALL, _MINI = 4096, 64


def open_stream(data: bytes, names: Sequence[str]) -> bytes | None:
    """The first stream of one of these names, empty where there is none. None where a chain of sectors does not end."""
    try:
        return _Compound(data).stream(names)
    except (struct.error, IndexError):
        return None


class _Compound:
    """The header, the table of sectors, and how many steps through it are left."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        (self.shift,) = struct.unpack_from("<H", data, 30)
        self.directory, self.cutoff, self.mini, _, self.more, _ = struct.unpack_from("<I4xIIIII", data, 48)
        self.size = 1 << self.shift if self.shift in (9, 12) else 0
        self.count = len(data) // self.size + 1 if self.size else 0

    def stream(self, names: Sequence[str]) -> bytes | None:
        table = self._table() if self.size else None
        if table is None:
            return None
        steps = self.count + 1
        entries = self._chain(table, self.directory, steps)
        small = self._chain(table, self.mini, steps)
        if entries is None or small is None:
            return None
        return self._read(table, self._numbers(small), b"".join(map(self._sector, entries)), names)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size if self.size == 4096 else _HEADER + number * self.size
        return self.data[start : start + self.size]

    def _numbers(self, sectors: Sequence[int]) -> list[int]:
        joined = b"".join(map(self._sector, sectors))
        return list(struct.unpack(f"<{len(joined) // 4}I", joined[: len(joined) // 4 * 4]))

    def _table(self) -> list[int] | None:
        """What follows each sector; the table's own sectors are listed in the header and, for large files, in a chain."""
        listed = [n for n in struct.unpack_from(f"<{_IN_HEADER}I", self.data, 76) if n < _LAST_SECTOR]
        number, seen = self.more, 0
        while number < _LAST_SECTOR:
            seen += 1
            part = self._numbers([number])
            if seen > self.count or not part:
                return None
            listed += [n for n in part[:-1] if n < _LAST_SECTOR]
            number = part[-1]
        return self._numbers(listed) if len(listed) <= self.count else None

    def _chain(self, table: Sequence[int], number: int, most: int) -> list[int] | None:
        chain: list[int] = []
        while number < _LAST_SECTOR:
            if len(chain) >= most:
                return None
            chain.append(number)
            number = table[number] if number < len(table) else _LAST_SECTOR
        return chain

    def _read(self, table: Sequence[int], small: Sequence[int], directory: bytes, names: Sequence[str]) -> bytes | None:
        """Follows the chain of every stream, and keeps the content of the one that is wanted."""
        steps, small_steps = self.count + 1, len(small) + 1
        root: list[int] = []
        found = b""
        for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            kind = directory[at + 66]
            start, size = struct.unpack_from("<II", directory, at + 116)
            in_small = kind == 2 and size < (self.cutoff or _SMALL)
            if kind == 0:
                continue
            chain = self._chain(small, start, small_steps) if in_small else self._chain(table, start, steps)
            if chain is None:
                return None
            steps, small_steps = (steps, small_steps - len(chain)) if in_small else (steps - len(chain), small_steps)
            root = chain if kind == 5 else root
            length = int.from_bytes(directory[at + 64 : at + 66], "little")
            name = directory[at : at + max(0, min(length - 2, 64))].decode("utf-16-le", "replace")
            if name in names and not found:
                found = (self._small(root, chain) if in_small else b"".join(map(self._sector, chain)))[:size]
        return found

    def _small(self, root: Sequence[int], chain: Sequence[int]) -> bytes:
        container = b"".join(map(self._sector, root))
        return b"".join(container[number * _MINI : (number + 1) * _MINI] for number in chain)
