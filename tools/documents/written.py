"""What is written in a sheet beside the values of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.documents.stored import Cell


@dataclass(slots=True)
class Written:
    """One sheet's cells by (row, column) from 0: number formats that say something, formulas as they are written, errors
    by name, and the formulas whose result is missing.
    """

    formats: dict[Cell, str] = field(default_factory=dict)
    formulas: dict[Cell, str] = field(default_factory=dict)
    errors: dict[Cell, str] = field(default_factory=dict)
    unsaved: list[Cell] = field(default_factory=list)
