"""The identity of a number: values, periods, places, scale.

A `Value` is one number that somebody can be asked about. It knows what it is (label, unit, period), how much it is
(an exact decimal in base units), and where it comes from: a *place* in a document, a *formula* over other values, or
nowhere yet (`open`). The same value is a chart point, a table cell, a metric and a figure in the prose, and its
`value_id` is what ties them together.

Ids are short because models copy them: `v1`, `v2`, ... unique in the conversation. A tool cannot know the next free
number (two tools may run at once), so it counts its own values `~1`, `~2`, ... and the turn machine renames them when
the call returns (`renumber`). That is the one thing we dislike here; the alternative, handing out ranges, makes ids
long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

State = Literal["tied", "computed", "given", "constant", "open", "differs"]
PeriodKind = Literal["year", "half", "quarter", "month", "week", "day", "instant", "span"]

LOCAL_ID = re.compile(r"~\d+")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time a figure belongs to. `start` and `end` are inclusive dates; None where the source does not say."""

    label: str
    kind: PeriodKind = "span"
    start: date | None = None
    end: date | None = None

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"label": self.label}
        if self.start:
            wire["start"] = self.start.isoformat()
        if self.end:
            wire["end"] = self.end.isoformat()
        wire["kind"] = self.kind
        return wire

    @staticmethod
    def from_wire(wire: Mapping[str, Any]) -> Period:
        start, end = wire.get("start"), wire.get("end")
        return Period(
            wire["label"],
            wire.get("kind", "span"),
            date.fromisoformat(start) if start else None,
            date.fromisoformat(end) if end else None,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands in its document. `at` holds the fields of its kind, as in docs/wire.md.

    kind `csv`: line, column (both from 1). `sheet`: sheet, cell (A1). `pdf`: page (from 1), box (fractions of the page,
    origin top left). `html`: element or fact. `json`: pointer. `docx`: paragraph. A place that stands for several cells
    (an aggregate over rows) lists them in `lines` or `cells`, capped; see `Lineage` in docs/glossary.md.
    """

    document_id: str
    kind: str
    at: tuple[tuple[str, Any], ...] = ()
    printed: str = ""
    row: str = ""
    column: str = ""
    table: str = ""

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"document_id": self.document_id, "kind": self.kind, **dict(self.at)}
        column = (
            "header" if "column" in wire else "column"
        )  # where `column` is a number, the words above it are `header`
        words = {"printed": self.printed, "row": self.row, column: self.column, "table": self.table}
        return wire | {name: said for name, said in words.items() if said}

    @staticmethod
    def from_wire(wire: Mapping[str, Any]) -> Place:
        column = "column" if isinstance(wire.get("column", ""), str) else "header"
        words = {"document_id", "kind", "printed", "row", "table", column}
        at = tuple((key, _frozen(item)) for key, item in wire.items() if key not in words)
        return Place(
            wire["document_id"],
            wire["kind"],
            at,
            *(wire.get(name, "") for name in ("printed", "row", column, "table")),
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """How a printed number became base units: times 10**power, and where that was said (`table title`, `column`, ...)."""

    power: int = 0
    source: str = ""

    def to_wire(self) -> dict[str, Any]:
        return {"power": self.power, "from": self.source}


@dataclass(frozen=True, slots=True)
class Value:
    """A number with an identity.

    `amount` is exact and in base units (pounds, not thousands; 0.123 for 12.3%). `unit` is an ISO 4217 code, `shares`,
    `ratio`, `multiple`, `days`, `count` (a plain number, no unit stated) or `<ISO>/share`. A tied value has a `place`; a
    computed one has a `formula` over `inputs`, or a `place` that names all the rows it was aggregated from.
    """

    value_id: str
    label: str
    amount: Decimal
    unit: str
    shown: str
    state: State
    period: Period | None = None
    place: Place | None = None
    scale: Scale | None = None
    formula: str = ""
    inputs: tuple[str, ...] = ()
    tool_id: str = ""
    note: str = ""

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {
            "value_id": self.value_id,
            "label": self.label,
            "amount": plain(self.amount),
            "unit": self.unit,
            "shown": self.shown,
        }
        if self.period:
            wire["period"] = self.period.to_wire()
        wire["state"] = self.state
        if self.place:
            wire["place"] = self.place.to_wire()
        if self.scale:
            wire["scale"] = self.scale.to_wire()
        if self.formula:
            wire["formula"] = self.formula
        if self.inputs:
            wire["inputs"] = list(self.inputs)
        if self.tool_id:
            wire["tool_id"] = self.tool_id
        if self.note:
            wire["note"] = self.note
        return wire

    @staticmethod
    def from_wire(wire: Mapping[str, Any]) -> Value:
        return Value(
            value_id=wire["value_id"],
            label=wire["label"],
            amount=Decimal(wire["amount"]),
            unit=wire["unit"],
            shown=wire["shown"],
            state=wire["state"],
            period=Period.from_wire(wire["period"]) if "period" in wire else None,
            place=Place.from_wire(wire["place"]) if "place" in wire else None,
            scale=Scale(wire["scale"]["power"], wire["scale"]["from"]) if "scale" in wire else None,
            formula=wire.get("formula", ""),
            inputs=tuple(wire.get("inputs", ())),
            tool_id=wire.get("tool_id", ""),
            note=wire.get("note", ""),
        )


def _frozen(item: Any) -> Any:
    """Lists as tuples, also inside lists: a box, or the boxes of many cells."""
    return tuple(map(_frozen, item)) if isinstance(item, list) else item


def plain(amount: Decimal) -> str:
    """The decimal as a plain string: no exponent, no trailing zeros after the point, never `-0`.

    >>> plain(Decimal("6.1904E+7")), plain(Decimal("0.1230")), plain(Decimal("-0"))
    ('61904000', '0.123', '0')
    """
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def renumber(data: Any, names: Mapping[str, str]) -> Any:
    """A copy of JSON-like `data` in which every local id (`~3`) that `names` knows carries its final id (`v12`).

    Only whole strings, and the strings under `formula`, are rewritten; a label that happens to contain `~3` stays.
    """
    if isinstance(data, str):
        return names.get(data, data)
    if isinstance(data, list):
        return [renumber(item, names) for item in data]
    if isinstance(data, dict):
        return {
            key: LOCAL_ID.sub(lambda found: names.get(found[0], found[0]), item)
            if key == "formula" and isinstance(item, str)
            else renumber(item, names)
            for key, item in data.items()
        }
    return data
