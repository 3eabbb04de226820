"""What is attached, as the descriptions of `describe_document` give it: sheets, their columns, lines and periods.

Nothing here holds a figure. The analyst plans on names alone and sees amounts only in what `query_data` returns.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tools.labels import label_stems
from tools.values import Period

MOST_LINES = 300
MOST_COLUMNS = 6
_ISO = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_YEAR = re.compile(r"(?:(?:FY|CY) ?)?((?:19|20)\d\d)", re.IGNORECASE)
_IDENTITY = frozenset("id code number no nr zip postcode postal phone key index sku isbn line row year".split())
_LEVEL = frozenset(
    "price rate ratio percent percentage margin rating average avg mean median score age yield index per open close high "
    "low closing opening adjusted mavg up dn temperature balance level".split()
)
_PRICES = frozenset({"open", "close", "closing", "high", "low", "adjusted"})
_ADDED = frozenset("volume quantity unit amount total sale revenue turnover order visit count".split())


@dataclass(frozen=True, slots=True)
class Field:
    """A column by name: `period` on the value columns of a statement, `values` where the distinct words are known."""

    key: str
    label: str
    kind: str
    unit: str = ""
    period: Period | None = None
    distinct: int | None = None
    examples: tuple[str, ...] = ()

    @property
    def stems(self) -> tuple[str, ...]:
        return label_stems(self.label)

    @property
    def complete(self) -> bool:
        """Whether `examples` are all the values there are."""
        return self.distinct is not None and self.distinct <= len(self.examples)

    def is_identity(self) -> bool:
        """Whether its numbers name things rather than measure them (an id, a postcode)."""
        stems = self.stems
        return bool(stems) and (stems[-1] in _IDENTITY or "id" in stems)

    def is_level(self) -> bool:
        """Whether its numbers are prices, rates or levels, which are averaged and never added up."""
        return self.unit in ("ratio", "multiple") or "/" in self.unit or bool(_LEVEL & set(self.stems))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of one document. `periods` are the value columns of a statement, oldest first."""

    address: str
    title: str
    shape: str
    row_count: int
    fields: tuple[Field, ...]
    lines: tuple[str, ...]
    document: str
    notes: tuple[str, ...] = ()
    periods: tuple[Field, ...] = field(default=())
    headings: frozenset[str] = frozenset()  # lines without figures
    statement: str = ""  # which primary statement it is, where it is one
    concepts: tuple[tuple[str, str], ...] = ()  # lines with the standard concept that each of them is
    turned_by: str = (
        ""  # the column of years, where each row is a year and the measures are what a statement calls lines
    )

    @property
    def is_statement(self) -> bool:
        return self.shape == "statement" and bool(self.lines) and bool(self.periods)

    @property
    def measures(self) -> tuple[Field, ...]:
        """The columns that can be added up or averaged."""
        return tuple(f for f in self.fields if f.kind == "number" and not f.is_identity())

    @property
    def dimensions(self) -> tuple[Field, ...]:
        """The columns of words that rows can be grouped by."""
        return tuple(f for f in self.fields if f.kind == "text")

    @property
    def groupings(self) -> tuple[Field, ...]:
        """Those dimensions that form few enough groups to be worth showing."""
        limit = max(2, min(60, self.row_count // 3))
        return tuple(f for f in self.dimensions if f.distinct is not None and 2 <= f.distinct <= limit)

    @property
    def date(self) -> Field | None:
        return next((f for f in self.fields if f.kind == "date"), None)

    @property
    def span(self) -> tuple[datetime.date, datetime.date] | None:
        """The first and last day of its dates, where the description says (its examples of a date column are these)."""
        days = [
            datetime.date.fromisoformat(day) for day in (self.date.examples if self.date else ()) if _ISO.fullmatch(day)
        ]
        return (days[0], days[-1]) if 1 <= len(days) <= 2 and days[0] <= days[-1] else None

    @property
    def is_series(self) -> bool:
        """Whether each row is one moment of time (prices, indices), so that rows are levels and not transactions."""
        date = self.date
        if date is None or not self.measures or self.shape == "statement":
            return False
        once = date.distinct is None or date.distinct == self.row_count
        quoted = any(_PRICES & set(f.stems) for f in self.measures)
        return once and (quoted or not self.groupings)

    def is_level(self, column: Field) -> bool:
        """Whether a column's figures are averaged rather than added up; in a series all are, but for volumes."""
        return column.is_level() or (self.is_series and not _ADDED & set(column.stems))

    @property
    def timed(self) -> bool:
        """Whether the statement's columns are periods, in an order time gives them."""
        return bool(self.periods) and all(f.period for f in self.periods)

    def where(self) -> str:
        """Its name for people: the document's, with the table's own title where it says more."""
        return self.document

    def measure(self, label: str) -> Field:
        return next(f for f in self.fields if f.label == label)


def may_be_lines(sheet: Sheet) -> bool:
    """Whether a table of no telling shape could be lines by columns (Budget, Actual): its first words are all different."""
    labels = sheet.dimensions[:1]
    few = 2 <= sheet.row_count <= MOST_LINES and 2 <= len(sheet.measures) <= MOST_COLUMNS
    return sheet.shape == "grid" and few and bool(labels) and labels[0].distinct == sheet.row_count and not sheet.date


def as_lines(sheet: Sheet, lines: Sequence[str]) -> Sheet:
    """The sheet as a statement whose columns are no periods."""
    labels = tuple(line for line in lines if line)
    return replace(sheet, shape="statement", lines=labels, periods=sheet.measures)


def may_be_years(sheet: Sheet) -> bool:
    """Whether each row could be one year: one column of words that all seem to be years, each of them once."""
    column = _years_column(sheet)
    if column is None or sheet.shape == "statement" or sheet.date or not 2 <= sheet.row_count <= MOST_LINES:
        return False
    seen = [f for f in column.examples if f]
    return bool(sheet.measures) and column.distinct == sheet.row_count and bool(seen) and all(map(_year_of, seen))


def _years_column(sheet: Sheet) -> Field | None:
    return sheet.dimensions[0] if len(sheet.dimensions) == 1 else None


def as_years(sheet: Sheet, words: Sequence[str]) -> Sheet:
    """The sheet as a statement turned over, with its measures as lines and its rows as years, oldest first.

    The sheet itself where a word is no year, or a year stands twice.
    """
    column, years = _years_column(sheet), {word: _year_of(word) for word in words}
    numbers = [year for year in years.values() if year]
    labels = tuple(f.label for f in sheet.measures)
    distinct = len(set(numbers)) == len(words) == sheet.row_count
    if column is None or not distinct or len(set(labels)) < len(labels):
        return sheet
    ordered = sorted((year, word) for word, year in years.items() if year)
    periods = tuple(
        Field(word, word, "number", period=Period(word, "year", datetime.date(year, 1, 1), datetime.date(year, 12, 31)))
        for year, word in ordered
    )
    return replace(sheet, shape="statement", lines=labels, periods=periods, turned_by=column.label)


def _year_of(word: str) -> int | None:
    found = _YEAR.fullmatch(word.strip())
    return int(found[1]) if found else None


def sheets_of(description: Mapping[str, Any]) -> list[Sheet]:
    """The tables of one described document. Missing parts of a description are taken as empty."""
    document = str(description.get("name") or description.get("alias") or "the document")
    notes = tuple(str(note) for note in description.get("notes", ()))
    return [_sheet(table, document, notes) for table in description.get("tables", ())]


def _sheet(table: Mapping[str, Any], document: str, notes: tuple[str, ...]) -> Sheet:
    fields = tuple(_field(column) for column in table.get("columns", ()))
    shape = str(table.get("shape") or "grid")
    return Sheet(
        address=str(table["address"]),
        title=" ".join(str(table.get("title") or "").split()),
        shape=shape,
        row_count=int(table.get("row_count") or 0),
        fields=fields,
        lines=_lines(table),
        document=document,
        notes=notes,
        periods=tuple(_in_time([f for f in fields if f.kind == "number"])) if shape == "statement" else (),
        headings=frozenset(str(line).strip() for line in table.get("headings") or ()),
        statement=str(table.get("statement") or ""),
        concepts=tuple((str(line), str(concept)) for line, concept in (table.get("concepts") or {}).items()),
    )


def _lines(table: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines, each once; a heading that tells lines apart, as in "Net sales (Services)", is itself none."""
    named = [str(line or "").strip() for line in table.get("lines") or ()]
    bare = {str(line).strip() for line in table.get("headings") or ()}
    apart = {line for line in bare if any(each.endswith(f"({line.rstrip(': ')})") for each in named)}
    return tuple(dict.fromkeys(line for line in named if line and line not in apart))


def _field(column: Mapping[str, Any]) -> Field:
    period = column.get("period")
    distinct = column.get("distinct")
    return Field(
        key=str(column.get("key", "")),
        label=str(column.get("label", "")),
        kind=str(column.get("kind", "text")),
        unit=str(column.get("unit") or ""),
        period=Period.from_wire(period) if period else None,
        distinct=int(distinct) if distinct is not None else None,
        examples=tuple(str(example) for example in column.get("examples") or ()),
    )


def _in_time(fields: Sequence[Field]) -> list[Field]:
    """Only the commonest kind of period (years beside quarters would be added up twice), oldest first, named as the tools
    name them in their results (`FY2024` for "Year ended Sep 28 2024").

    Columns without periods (Budget, Actual) are taken as they stand, when there are no periods at all.
    """
    dated = [f for f in fields if f.period]
    if not dated:
        return list(fields)
    kinds = [f.period.kind for f in dated if f.period]
    commonest = max(dict.fromkeys(kinds), key=kinds.count)
    chosen = sorted((f for f in dated if f.period and f.period.kind == commonest), key=_moment)
    labels = [f.period.label for f in chosen if f.period]
    if len(set(labels)) < len(labels):
        return chosen
    return [replace(f, label=label) for f, label in zip(chosen, labels, strict=True)]


def _moment(column: Field) -> tuple[str, str]:
    period = column.period
    moment = period.end or period.start if period else None
    return (moment.isoformat() if moment else "", column.label)
