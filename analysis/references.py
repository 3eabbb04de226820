"""Value references in streamed prose: `[[v12]]` becomes words, wherever the provider cuts it.

The model cites a value by its id and the server words it, so rounding and unit are ours and the figure is ticked from
birth. `[[v12|abs]]` carries display words (tools.units.Display). Text flows through at once; only an unfinished
reference, a few characters, waits for its closing brackets (promise 4 of docs/wire.md).

The scanner is deliberately narrow: what cannot become a reference any more is let go as ordinary text, so a `[[link]]`
or a matrix in a formula is never harmed. What *is* a reference never reaches the reader as brackets: an unknown id is
shown as `(figure missing)` and reported, and an id cut off by the end of the stream is dropped, because half an id names
another value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.units import DisplayError, reworded
from tools.values import Value

MISSING = "(figure missing)"
LONGEST = 48

# A reference, and every proper prefix of one: after `[[`, an id, then perhaps display words, then `]]`.
_REFERENCE = re.compile(r"\[\[\s{0,2}([vV]\d{1,9})\s{0,2}(?:\|([^\[\]\n]{0,24}))?\]\]")
_PREFIX = re.compile(r"\[(\[(\s{0,2}([vV](\d{1,9}(\s{0,2}(\|[^\[\]\n]{0,24})?\]?)?)?)?)?)?\Z")
_CUT_OFF = re.compile(r"\[\[\s{0,2}[vV]\d")


@dataclass(frozen=True, slots=True)
class Plain:
    """Prose as the model wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference, worded. `value` is None when no such value is known; `source` is what the model wrote."""

    text: str
    source: str
    value_id: str
    value: Value | None


Piece = Plain | Cited
Lookup = Callable[[str], Value | None]


class References:
    """Turns a stream of text into pieces. Feeding it whole or letter by letter gives the same joined result."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._held = ""

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are certain once `text` has arrived."""
        if not self._held and "[" not in text:  # nine deltas in ten
            return [Plain(text)] if text else []
        whole = self._held + text
        kept = _unfinished(whole)
        self._held = whole[kept:]
        return list(self._pieces(whole[:kept]))

    def end(self) -> list[Piece]:
        """What is still held when the stream ends. Half an id is dropped; other brackets are ordinary text."""
        rest, self._held = self._held, ""
        if not rest or _CUT_OFF.match(rest):
            return []
        return [Plain(rest)]

    def _pieces(self, text: str) -> Iterator[Piece]:
        at = 0
        for found in _REFERENCE.finditer(text):
            if found.start() > at:
                yield Plain(text[at : found.start()])
            yield self._cite(found[0], found[1].lower(), found[2] or "")
            at = found.end()
        if at < len(text):
            yield Plain(text[at:])

    def _cite(self, source: str, value_id: str, words: str) -> Cited:
        value = self._lookup(value_id)
        if value is None:
            return Cited(MISSING, source, value_id, None)
        return Cited(worded(value, words), source, value_id, value)


def worded(value: Value, words: str) -> str:
    """The value with display words; words that are not understood are ignored, since the number matters more."""
    try:
        return reworded(value.amount, value.unit, value.shown, words)
    except DisplayError:
        return value.shown


def _unfinished(text: str) -> int:
    """Where a reference that may still be completed begins; the length of the text where there is none."""
    start = max(0, len(text) - LONGEST)
    while (start := text.find("[", start)) >= 0:
        if _PREFIX.match(text, start):
            return start
        start += 1
    return len(text)
