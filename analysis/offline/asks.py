"""Asks: a question understood, tied to tables. The plans work from these and never look at the question again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from analysis.offline.catalogue import Sheet

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Looks:
    """How the reader wants it shown: whether a chart was asked for, and which kind (empty: ours to choose)."""

    chart: bool = False
    kind: str = ""

    @property
    def drawn(self) -> str:
        """The kind as the chart tool names it."""
        return "stacked_bar" if self.kind == "stacked" else self.kind


@dataclass(frozen=True, slots=True)
class Subject:
    """A line of a statement, or a ratio of two: its name in results, the lines it needs, how it is derived.

    `share` marks ratios; `stock` balances, which are never added up over time. `method` says how it is derived, for the
    reader.
    """

    name: str
    needs: tuple[str, ...]
    derive: tuple[Json, ...] = ()
    share: bool = False
    stock: bool = False
    method: str = ""


@dataclass(frozen=True, slots=True)
class StatementPart:
    """The subjects that stand in one sheet, over these of its periods (oldest first)."""

    sheet: Sheet
    subjects: tuple[Subject, ...]
    periods: tuple[str, ...]


StatementOperation = Literal["trend", "compare", "lookup", "extreme", "average", "total", "movers", "ranking", "sheet"]


@dataclass(frozen=True, slots=True)
class StatementAsk:
    """A question to statements. `direction` is `high` or `low` where the best or worst is wanted."""

    operation: StatementOperation
    parts: tuple[StatementPart, ...]
    noun: str = "year"
    direction: str = ""
    number: int | None = None
    looks: Looks = Looks()
    remarks: tuple[str, ...] = ()
    why: bool = False
    cagr: bool = False
    reason: str = ""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(subject for part in self.parts for subject in part.subjects)


@dataclass(frozen=True, slots=True)
class Measure:
    """A column and what is done with it (`sum`, `mean`, ..., or `count` of rows, which needs no column)."""

    column: str
    op: str
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on rows: `where` for the tool, `words` for the reader ("in Yangon")."""

    where: Json
    words: str


LedgerOperation = Literal["total", "group", "rows", "distinct"]
SeriesOperation = Literal["trend", "extreme", "at", "race"]


@dataclass(frozen=True, slots=True)
class LedgerAsk:
    """A question to a table of records. `groups` are columns; `every` is the bucket when one of them is the date.
    `span` is the first and last day of the data, where time matters; `changes` asks for the course over time, and
    `second` is another measure to check a loosely read one against."""

    operation: LedgerOperation
    sheet: Sheet
    measures: tuple[Measure, ...]
    groups: tuple[str, ...] = ()
    every: str = ""
    filters: tuple[Filter, ...] = ()
    focus: str = ""
    direction: str = ""
    number: int | None = None
    share: bool = False
    looks: Looks = Looks()
    remarks: tuple[str, ...] = ()
    why: bool = False
    changes: bool = False
    span: tuple[str, str] | None = None
    second: Measure | None = None


@dataclass(frozen=True, slots=True)
class SeriesAsk:
    """A question to a table with one row per date, whose columns are levels. `span` is the first and last day that count."""

    operation: SeriesOperation
    sheet: Sheet
    measures: tuple[str, ...]
    every: str = "month"
    filters: tuple[Filter, ...] = ()
    span: tuple[str, str] | None = None
    direction: str = ""
    looks: Looks = Looks()
    remarks: tuple[str, ...] = ()
    why: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """Not understood well enough to compute. `reason` is a sentence; `instead` are questions that would work."""

    reason: str
    instead: tuple[str, ...] = ()
    known: bool = False


Ask = StatementAsk | LedgerAsk | SeriesAsk


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the question, and how much of it that explains (0 to 1)."""

    ask: Ask | Unsure
    coverage: float
    unknown: tuple[str, ...] = field(default=())
