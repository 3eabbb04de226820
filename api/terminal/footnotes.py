"""Where figures come from, as numbered footnotes: their place in a document, or the formula they were computed by.

Numbers are given while an answer is printed, in reading order. What a formula stands on is asked for at the end and
numbered after that, down to the figures that stand in documents.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.terminal.lines import printable
from api.terminal.ticks import Glyphs, Tick

Json = dict[str, Any]
Ask = Callable[[str], Awaitable[Json]]

MOST = 400  # footnotes; a sum over a long table has no end
LINES_SHOWN = 8
_ID = re.compile(r"\bv\d+\b")


@dataclass(frozen=True, slots=True)
class Footnote:
    """A number, the figure it is about, and lines that say where it comes from."""

    number: int
    name: str
    shown: str
    state: str
    lines: tuple[str, ...]


class Footnotes:
    """The footnotes of one answer."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ticks: dict[int, Tick] = {}

    def number_of(self, tick: Tick) -> int | None:
        """The number of a figure's footnote. The same value has the same number; None for what has no footnote."""
        if tick.state == "constant":
            return None
        key = tick.value_id or f"{tick.state} {tick.shown} {tick.start}"
        number = self._number(key)
        self._ticks.setdefault(number, tick)
        return number

    async def told(self, ask: Ask, documents: Mapping[str, str], glyphs: Glyphs) -> list[Footnote]:
        """All footnotes. `ask` gives a value with its inputs; `documents` names documents by id."""
        values: dict[str, Json] = {}
        for value_id in [tick.value_id for tick in self._ticks.values() if tick.value_id]:
            if value_id not in values:
                found = await ask(value_id)
                values |= {value["value_id"]: value for value in [found["value"], *found["inputs"]]}
        keys = list(self._numbers)
        for key in keys:  # grows while it is read: operands come after what is computed from them
            for value_id in values.get(key, {}).get("inputs", ()):
                if value_id in values and value_id not in self._numbers and len(keys) < MOST:
                    self._number(value_id)
                    keys.append(value_id)
        return [self._footnote(key, values, documents, glyphs) for key in keys]

    def _number(self, key: str) -> int:
        return self._numbers.setdefault(key, len(self._numbers) + 1)

    def _footnote(self, key: str, values: Mapping[str, Json], documents: Mapping[str, str], glyphs: Glyphs) -> Footnote:
        number = self._numbers[key]
        tick = self._ticks.get(number)
        value = values.get(key)
        note = printable(tick.note) if tick else ""
        if value is None:
            return Footnote(
                number, "", tick.shown if tick else key, tick.state if tick else "open", (note or _NOWHERE,)
            )
        state = tick.state if tick else value["state"]
        lines = [self._formula(value, values, glyphs)] if value.get("formula") else []
        if value.get("place"):
            lines += _place(value, documents)
        lines += [note] if note else []
        lines += [printable(value["note"])] if value.get("note") else []
        return Footnote(
            number, named(value), printable(value["shown"]), state, tuple(lines) or (_ORIGINS.get(state, _NOWHERE),)
        )

    def _formula(self, value: Json, values: Mapping[str, Json], glyphs: Glyphs) -> str:
        """The formula over footnotes: each operand with what it shows, the first time."""
        seen: set[str] = set()

        def operand(found: re.Match[str]) -> str:
            value_id = found[0]
            if value_id not in self._numbers:
                return printable(values[value_id]["shown"]) if value_id in values else value_id
            first = value_id not in seen
            seen.add(value_id)
            shown = f"{printable(values[value_id]['shown'])} " if first and value_id in values else ""
            return f"{shown}[{self._numbers[value_id]}]"

        words = _ID.sub(operand, printable(value["formula"]))
        if glyphs.fancy:
            words = words.replace(" - ", " − ").replace(" * ", " × ").replace(" / ", " ÷ ")
        left = [one for one in value.get("inputs", ()) if one not in seen and one in self._numbers]
        rest = "; ".join(f"{printable(values[one]['shown'])} [{self._numbers[one]}]" for one in left if one in values)
        return f"= {words}" + (f": {rest}" if rest else "")


_POWERS = {3: "in thousands", 6: "in millions", 9: "in billions"}
_NOWHERE = "no source found"
_ORIGINS = {"given": "your own number", "computed": "computed", "open": _NOWHERE}


def named(value: Json) -> str:
    """Label and period; many labels name their period already."""
    label, period = printable(value.get("label") or ""), printable((value.get("period") or {}).get("label") or "")
    return ", ".join(filter(None, (label, "" if period in label else period)))


def _place(value: Json, documents: Mapping[str, str]) -> Iterator[str]:
    place = value["place"]
    yield ", ".join(filter(None, (printable(documents.get(place["document_id"], place["document_id"])), *_spot(place))))
    scale = value.get("scale") or {}
    row, column = _words(place)
    if _is_read(place):  # the words are the way to it, where there are no lines and cells to count
        row = column = ""
    beside = [
        f"tagged {printable(str(place['fact']))}" if place.get("fact") else "",
        f"row “{row}”" if row else "",
        f"column “{column}”" if column else "",
        f"printed “{printable(place['printed'])}”" if place.get("printed") else "",
        _scale(scale) if scale.get("power") else "",
        f"computed there by {printable(place['cell_formula'])}" if place.get("cell_formula") else "",
    ]
    if any(beside):
        yield ", ".join(filter(None, beside))


def _words(place: Json) -> tuple[str, str]:
    """The words beside the figure and above it."""
    column = place["column"] if isinstance(place.get("column"), str) else place.get("header")
    return printable(place.get("row") or ""), printable(str(column or ""))


def _is_read(place: Json) -> bool:
    """Whether people find the place by its words: on a page, in running text, in tagged facts."""
    return place.get("kind") in ("pdf", "html", "docx", "json")


def _scale(scale: Json) -> str:
    words = _POWERS.get(scale["power"], f"times 10^{scale['power']}")
    return f"{words} ({printable(scale['from'])})" if scale.get("from") else words


def _spot(place: Json) -> Iterator[str]:
    """Where in its document: `Income!E4`, or `p. 87, Revenue, 2024`, or line and column; of many cells how many, and the
    first of them."""
    if place.get("cell"):
        yield (
            f"{printable(place['sheet'])}!{printable(place['cell'])}"
            if place.get("sheet")
            else printable(place["cell"])
        )
    elif place.get("sheet"):
        yield f"sheet {printable(place['sheet'])}"
    if place.get("page"):
        yield f"p. {place['page']}"
    for name in ("line", "paragraph"):
        if place.get(name):
            yield f"{name} {printable(str(place[name]))}"
    if place.get("pointer"):
        yield printable(str(place["pointer"]))
    if _is_read(place):
        row, column = _words(place)
        yield row
        yield column if column != row else ""
    if place.get("element") and not place.get("fact") and not place.get("row"):
        yield f"element {printable(str(place['element']))}"
    if place.get("column") and not isinstance(place["column"], str):
        yield f"column {place['column']}"
    if place.get("boxes"):
        count = max(place.get("rows_total") or 0, len(place["boxes"]))
        yield f"{count:,} figures" if count > 1 else ""
    for name in ("lines", "cells", "paragraphs", "pointers"):
        many = list(place.get(name) or ())
        if many:
            shown = many[:LINES_SHOWN]
            left = max(place.get("rows_total") or 0, len(many)) - len(shown)
            more = f" and {left:,} more" if left else ""
            yield f"{name if len(many) > 1 else name[:-1]} {', '.join(printable(str(one)) for one in shown)}{more}"
