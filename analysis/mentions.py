"""Which values and results a tool's arguments name, so that a call carries just those to its worker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_RANGE = re.compile(r"\bv(\d{1,9})\s*\.\.\s*v(\d{1,9})\b")
_ID = re.compile(r"\b([vr]\d{1,9})\b")
MAX_RANGE = 5_000


def mentioned(given: Any) -> tuple[list[str], list[str]]:
    """Ids of values and of results named anywhere in the strings of `given`, in order, each once."""
    found: dict[str, None] = {}
    for text in _strings(given):
        for first, last in _RANGE.findall(text):
            span = range(int(first), min(int(last), int(first) + MAX_RANGE) + 1)
            found.update(dict.fromkeys(f"v{number}" for number in span))
        found.update(dict.fromkeys(_ID.findall(text)))
    return [name for name in found if name[0] == "v"], [name for name in found if name[0] == "r"]


def held_ids(table: Mapping[str, Any]) -> Iterator[str]:
    """The ids of the values in a result table (wire form)."""
    numeric = [column["kind"] == "number" for column in table["columns"]]
    for row in table["rows"]:
        yield from (cell for is_number, cell in zip(numeric, row, strict=True) if is_number and cell is not None)


def _strings(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict):
        for item in given.values():
            yield from _strings(item)
    elif isinstance(given, list):
        for item in given:
            yield from _strings(item)
