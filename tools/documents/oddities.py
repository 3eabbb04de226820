"""What is odd about a workbook, as findings: hidden sheets, errors, circles, links to other files, numbers as text.

None of it stops a reading. It is said once, with the cells, because a figure that rests on any of it deserves a look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tools.documents.container import Container
from tools.documents.document import Finding, Table, column_letters
from tools.documents.precedents import find_circle, names_other_file, typed_in
from tools.documents.stored import Cell, Typed
from tools.documents.written import Written

MAX_NAMED = 5
MAX_CELLS = 50
_SHEETS_NAMED = 8


@dataclass(slots=True)
class Oddities:
    """Collects findings while a workbook is read. `hidden`: sheets nobody sees; `as_text`: numbers typed in as text."""

    hidden: list[str] = field(default_factory=list)
    as_text: list[str] = field(default_factory=list)
    currencies: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def look_at(self, table: Table) -> None:
        """Notes what a table's cells tell. To be called while they still are what the file stores."""
        for number, column in zip(table.fields, table.columns, strict=True):
            letters = column_letters(number)
            for line, text, amount in zip(table.lines, column.texts, column.amounts, strict=bool(column.amounts)):
                if amount is not None and type(text) is not Typed:
                    self.as_text.append(name_of(table.sheet, f"{letters}{line}"))
            codes = {unit for unit in (column.unit, *column.units.values()) if len(unit) == 3 and unit.isupper()}
            if len(codes) > 1:
                place = f"{column.label!r} of {table.title!r}"
                self.currencies.append((place, tuple(sorted(codes))))

    def findings(self, container: Container, written: Mapping[str, Written]) -> list[Finding]:
        """All findings, the gravest first."""
        formulas = {sheet: said.formulas for sheet, said in written.items() if said.formulas}
        circle = [name_of(sheet, _address((row, column))) for sheet, row, column in find_circle(formulas)]
        found = [
            _circular(circle),
            _errors(written),
            _counted(
                "uncomputed",
                "warning",
                [name_of(sheet, _address(cell)) for sheet, said in written.items() for cell in sorted(said.unsaved)],
                "formula has no stored result and was left out",
                "formulas have no stored result and were left out",
                "open the workbook in a spreadsheet program, save it and attach it again",
            ),
            _hidden(self.hidden),
            _links(container, formulas),
            _counted(
                "number_as_text",
                "warning",
                self.as_text,
                "cell holds a number as text; it was read, but a sum in the sheet passes over it",
                "cells hold numbers as text; they were read, but sums in the sheet pass over them",
            ),
            _typed_in(formulas),
            _currencies(self.currencies),
            _macros(container),
        ]
        return [finding for finding in found if finding]


def name_of(sheet: str, cell: str) -> str:
    """`Income!E4`, with the sheet's name in quotation marks where it holds more than letters.

    >>> name_of("Income", "E4"), name_of("Cash flow", "B2")
    ('Income!E4', "'Cash flow'!B2")
    """
    bare = sheet.replace("_", "").isalnum() and not sheet[:1].isdigit()
    return f"{sheet}!{cell}" if bare else "'" + sheet.replace("'", "''") + f"'!{cell}"


def _address(cell: Cell) -> str:
    return f"{column_letters(cell[1] + 1)}{cell[0] + 1}"


def _listed(names: Sequence[str], most: int = MAX_NAMED) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _counted(kind: str, severity: str, cells: Sequence[str], one: str, many: str, advice: str = "") -> Finding | None:
    if not cells:
        return None
    head = f"1 {one}" if len(cells) == 1 else f"{len(cells):,} {many}"
    text = f"{head}: {_listed(cells)}{f'; {advice}' if advice else ''}"
    return Finding(kind, "warning" if severity == "warning" else "info", text, tuple(cells[:MAX_CELLS]))


def _circular(circle: Sequence[str]) -> Finding | None:
    if not circle:
        return None
    way = " → ".join(circle if len(circle) <= MAX_NAMED + 1 else [*circle[:MAX_NAMED], "…", circle[-1]])
    text = f"formulas run in a circle: {way}; their stored results depend on how often the sheet was computed"
    return Finding("circular", "warning", text, tuple(dict.fromkeys(circle))[:MAX_CELLS])


def _errors(written: Mapping[str, Written]) -> Finding | None:
    cells = [
        (name_of(sheet, _address(cell)), error)
        for sheet, said in written.items()
        for cell, error in sorted(said.errors.items())
    ]
    if not cells:
        return None
    shown = _listed([f"{name} {error}" for name, error in cells])
    head = "1 cell holds an error" if len(cells) == 1 else f"{len(cells):,} cells hold errors"
    return Finding(
        "error_cell", "warning", f"{head} and no number: {shown}", tuple(name for name, _ in cells[:MAX_CELLS])
    )


def _hidden(sheets: Sequence[str]) -> Finding | None:
    if not sheets:
        return None
    names = _listed([f"{sheet!r}" for sheet in sheets], _SHEETS_NAMED)
    head = "a sheet is hidden" if len(sheets) == 1 else f"{len(sheets):,} sheets are hidden"
    return Finding("hidden_sheet", "warning", f"{head}, and read like the others: {names}")


def _links(container: Container, formulas: Mapping[str, Mapping[Cell, str]]) -> Finding | None:
    cells = [
        name_of(sheet, _address(cell))
        for sheet, each in formulas.items()
        for cell, f in each.items()
        if names_other_file(f)
    ]
    if not cells and not container.external_links:
        return None
    used = f": {_listed(cells)}" if cells else ""
    text = (
        f"the workbook takes figures from other files, which were not opened; the results stored in it were read{used}"
    )
    return Finding("external_link", "warning", text, tuple(cells[:MAX_CELLS]))


def _typed_in(formulas: Mapping[str, Mapping[Cell, str]]) -> Finding | None:
    cells: list[tuple[str, Iterable[str]]] = [
        (name_of(sheet, _address(cell)), numbers)
        for sheet, each in formulas.items()
        for cell, formula in each.items()
        if (numbers := typed_in(formula))
    ]
    if not cells:
        return None
    shown = _listed([f"{name} ({', '.join(numbers)})" for name, numbers in cells])
    head = "1 formula holds a number" if len(cells) == 1 else f"{len(cells):,} formulas hold numbers"
    return Finding("typed_in", "info", f"{head} typed into it: {shown}", tuple(name for name, _ in cells[:MAX_CELLS]))


def _currencies(columns: Sequence[tuple[str, tuple[str, ...]]]) -> Finding | None:
    if not columns:
        return None
    shown = "; ".join(f"{place} has {', '.join(codes)}" for place, codes in columns[:MAX_NAMED])
    return Finding("mixed_currencies", "info", f"one column holds figures in several currencies: {shown}")


def _macros(container: Container) -> Finding | None:
    return Finding("macros", "info", "the workbook holds macros; they were not run") if container.has_macros else None
