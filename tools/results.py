"""The nouns a tool returns: charts, tables, metrics, working tables, remarks. All are made of values.

An *artifact* (`Chart`, `ShownTable`, `Metric`) is shown to the reader; a `ResultTable` is working material, which the
model reads as compact rows and later calls may name (`r3`); a `Remark` is plain words for the model. `payload` is
what goes over the wire, already in the shape of docs/wire.md, with local value ids still in it.

Sizes: an encoded artifact must stay under 512 KiB, so tables carry their first 500 rows and charts at most 5,000 points
a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.values import Value

MAX_TABLE_ROWS = 500
MAX_CHART_POINTS = 5_000
MAX_PAYLOAD_BYTES = 480 * 1024

ColumnKind = Literal["text", "number", "period"]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: `unit` for numbers (as in `Value`), else empty."""

    key: str
    label: str
    kind: ColumnKind
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A working table: cells are words or values (None where the source is empty). `result_id` is `` until numbered."""

    title: str
    columns: Sequence[ResultColumn]
    rows: Sequence[Sequence[str | Value | None]]
    rows_total: int
    note: str = ""
    result_id: str = ""
    source_note: str = ""

    def values(self) -> list[Value]:
        return [cell for row in self.rows for cell in row if isinstance(cell, Value)]

    def to_wire(self) -> dict[str, Any]:
        return {
            "result_id": self.result_id,
            "title": self.title,
            "columns": [{"key": c.key, "label": c.label, "kind": c.kind, "unit": c.unit} for c in self.columns],
            "rows": [[cell.value_id if isinstance(cell, Value) else cell for cell in row] for row in self.rows],
            "cells": "values",
            "rows_total": self.rows_total,
            "note": self.note,
            "source_note": self.source_note,
        }

    @staticmethod
    def from_wire(wire: Mapping[str, Any], values: Mapping[str, Value]) -> ResultTable:
        kinds = [column["kind"] for column in wire["columns"]]
        rows = [
            [
                values.get(cell) if kind == "number" and cell is not None else cell
                for kind, cell in zip(kinds, row, strict=True)
            ]
            for row in wire["rows"]
        ]
        columns = [ResultColumn(c["key"], c["label"], c["kind"], c["unit"]) for c in wire["columns"]]
        return ResultTable(
            wire["title"],
            columns,
            rows,
            wire["rows_total"],
            wire["note"],
            wire["result_id"],
            wire.get("source_note", ""),
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart for the reader. `payload` is chart_data of docs/wire.md without `chart_id` and `recipe`."""

    payload: Mapping[str, Any]
    values: Sequence[Value]
    summary: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table for the reader. `payload` is table_data of docs/wire.md without `table_id`, `recipe` and `data_url`.

    `full` holds all rows when the payload was cut at 500; it is stored, and `data_url` leads to it.
    """

    payload: Mapping[str, Any]
    values: Sequence[Value]
    summary: str
    full: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One headline figure. `payload` is metric_data of docs/wire.md without `metric_id` and `recipe`."""

    payload: Mapping[str, Any]
    values: Sequence[Value]
    summary: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Words for the model (a catalogue, a description), with `data` for callers that read structure rather than prose."""

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    values: Sequence[Value] = ()


Result = Chart | ShownTable | Metric | ResultTable | Remark
