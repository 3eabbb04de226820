"""Frames: what a query returned, read by column label. Cells are words or figures that can be cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.messages import ToolAnswer


class Refused(Exception):  # noqa: N818  (a tool refuses; that is no error of ours)
    """A tool did not give what the plan needs; `text` is the tool's own explanation, or our own where `tool` is empty."""

    def __init__(self, tool: str, text: str) -> None:
        super().__init__(text)
        self.tool = tool
        self.text = text


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that may be cited: its id, its exact amount, its unit."""

    value_id: str
    amount: Decimal
    unit: str
    label: str = ""

    def cite(self, display: str = "") -> str:
        """The reference that prose holds in the figure's place. Pence a share are shown to their last digit."""
        if not display and self.unit.endswith("/share") and len(str(self.amount).partition(".")[2]) <= 4:
            display = "exact"
        return f"[[{self.value_id}|{display}]]" if display else f"[[{self.value_id}]]"


Cell = str | Figure | None


@dataclass(frozen=True, slots=True)
class Frame:
    """A result table: `address` is what later calls name it by."""

    address: str
    labels: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @staticmethod
    def of(answer: ToolAnswer) -> Frame:
        """The table a query answered with. Refuses where the tool did."""
        tables = answer.data.get("tables") or ()
        if answer.is_error or not tables:
            raise Refused(answer.tool_name, answer.content)
        table: Mapping[str, Any] = tables[0]
        columns: Sequence[Mapping[str, Any]] = table["columns"]
        rows = tuple(tuple(_cell(cell) for cell in row) for row in table["rows"])
        return Frame(
            str(table["result_id"]),
            tuple(str(column["label"]) for column in columns),
            tuple(str(column.get("unit") or "") for column in columns),
            rows,
            int(table.get("rows_total") or len(rows)),
        )

    def at(self, label: str) -> int:
        """The position of a column; of a label that occurs twice in the document, the first. Refuses where there is none."""
        wanted = " ".join(label.split()).casefold()
        for position, own in enumerate(self.labels):
            if own.casefold() == wanted:
                return position
        for position, own in enumerate(self.labels):  # the tool tells two "Other" apart as "Other (line 12)"
            if own.casefold().startswith((f"{wanted} (line ", f"{wanted} (row ", f"{wanted} (pp")):
                return position
        for position, own in enumerate(self.labels):  # the tools cut long names
            if own.endswith("…") and wanted.startswith(own[:-1].rstrip().casefold()):
                return position
        raise Refused("query_data", f"the result has no column {label!r}")

    def has(self, label: str) -> bool:
        """Whether there is such a column."""
        try:
            self.at(label)
        except Refused:
            return False
        return True

    def column(self, label: str) -> list[Cell]:
        """All cells under a label."""
        position = self.at(label)
        return [row[position] for row in self.rows]

    def figures(self, label: str) -> list[Figure | None]:
        """The figures under a label, None where there is none."""
        return [cell if isinstance(cell, Figure) else None for cell in self.column(label)]

    def words(self, label: str = "") -> list[str]:
        """The words under a label (the first column without one)."""
        position = self.at(label) if label else 0
        return [cell if isinstance(cell := row[position], str) else "" for row in self.rows]

    def unit(self, label: str) -> str:
        """The unit of a column: its own, else that of its first figure."""
        position = self.at(label)
        if self.units[position]:
            return self.units[position]
        return next((cell.unit for row in self.rows if isinstance(cell := row[position], Figure)), "")


def _cell(cell: Any) -> Cell:
    if isinstance(cell, Mapping):
        return Figure(str(cell["value_id"]), Decimal(cell["amount"]), str(cell["unit"]), str(cell.get("label", "")))
    return None if cell is None else str(cell)
