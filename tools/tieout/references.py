"""Value references as a model writes them in a tool's arguments: `v12`, `[[v12]]`, `[[v12|m,1]]`, and ranges `v9..v12`.

A range counts numerically, because a result numbers the cells of a series one after the other. A string is a reference
only where the whole of it is one; inside a title references stand in double brackets, as in prose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from tools.dataroom import DataRoom
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.units import DisplayError, reworded, show
from tools.values import Value

LONGEST_RANGE = 5_000
_IN_TEXT = re.compile(r"\[\[\s{0,2}([vV]\d{1,9})\s{0,2}(?:\|([^\[\]\n]{0,24}))?\]\]")
_ONE = re.compile(r"\s*(?:\[\[\s*)?([vV]\d{1,9})\s*(?:\|([^\[\]\n]{0,24}))?(?:\]\])?\s*")
_RANGE = re.compile(r"\s*(?:\[\[)?\s*[vV](\d{1,9})\s*\.\.\s*[vV](\d{1,9})\s*(?:\]\])?\s*")


def is_reference(text: str) -> bool:
    """Whether the whole text names one value."""
    return _ONE.fullmatch(text) is not None


def one_value(room: DataRoom, text: str) -> Value:
    """The value that `v12` or `[[v12]]` names. Refuses anything else, and an id that no tool result showed."""
    found = _ONE.fullmatch(text)
    if found is None:
        raise ToolError("bad_reference", f"{for_model(text, 60)!r} is not a value; write its id, such as v12")
    return room.value(found[1].lower())


def worded(room: DataRoom, text: str) -> tuple[Value, str]:
    """The value that a whole-string reference names, and its words (with its display format, if it has one)."""
    value = one_value(room, text)
    found = _ONE.fullmatch(text)
    return value, _shown(value, found[2] if found else None)


def some_values(room: DataRoom, text: str) -> list[Value]:
    """The values that `v12` or the range `v9..v12` names, in that order."""
    return [room.value(value_id) for value_id in _ids(text)]


def _ids(text: str) -> list[str]:
    found = _RANGE.fullmatch(text)
    if found is None:
        single = _ONE.fullmatch(text)
        if single is None:
            raise ToolError("bad_reference", f"{for_model(text, 60)!r} is not a value; write v12, or a range v9..v12")
        return [single[1].lower()]
    first, last = int(found[1]), int(found[2])
    if not first <= last < first + LONGEST_RANGE:
        raise ToolError(
            "bad_reference",
            f"{for_model(text, 60)!r} is not a range of 1 to {LONGEST_RANGE:,} values; write the lower id first",
        )
    return [f"v{number}" for number in range(first, last + 1)]


def rendered(room: DataRoom, text: str, limit: int = 200) -> str:
    """A title or name in which each `[[v12]]` is replaced by the value's words. Refuses unknown ids."""
    words = _IN_TEXT.sub(lambda found: _shown(room.value(found[1].lower()), found[2]), text)
    return tame(words, limit)


def titled(room: DataRoom, text: str, what: str) -> str:
    """`rendered`, for words that must say something."""
    words = rendered(room, text)
    if not words:
        raise ToolError("arguments", f"{what} is blank; write a few words")
    return words


def _shown(value: Value, display: str | None) -> str:
    try:
        return reworded(value.amount, value.unit, value.shown, display or "")
    except DisplayError as refusal:
        raise ToolError("bad_display", str(refusal)) from None


def opened(room: DataRoom, label: str, amount: Decimal, unit: str) -> Value:
    """A number the model typed: a value like any other, but open, because nobody knows where it comes from."""
    return Value(
        room.new_id(),
        tame(label, 160) or "figure",
        amount,
        unit,
        show(amount, unit),
        "open",
        note="typed, without a source",
    )


def sources(room: DataRoom, values: Sequence[Value]) -> str:
    """The names of the documents these values stand in, also those behind computed ones where they are at hand."""
    found: dict[str, None] = {}
    waiting, seen = list(values), set[str]()
    while waiting:
        value = waiting.pop()
        if value.place:
            found[value.place.document_id] = None
        for value_id in value.inputs:
            if value_id not in seen:
                seen.add(value_id)
                waiting += _at_hand(room, value_id)
    return ", ".join(sorted(filter(None, (_document_name(room, document_id) for document_id in found))))


def _at_hand(room: DataRoom, value_id: str) -> list[Value]:
    try:
        return [room.value(value_id)]
    except ToolError:
        return []


def _document_name(room: DataRoom, document_id: str) -> str:
    try:
        return tame(room.document(document_id)[1].name, 80)
    except ToolError:  # it was removed since
        return ""
