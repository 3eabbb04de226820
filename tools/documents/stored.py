"""The cell of a file that stores numbers and dates as such: what it is beside the text that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Cell = tuple[int, int]
"""(row, column) of a sheet, both from 0."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed. `unit`: what the cell itself says (an ISO code, `ratio`, `multiple`), or ``.

    `power`: the power of ten the cell's own words stand for (6 for `1.2m`, -2 for `24.1p`), already in `amount`;
    0 for percent, whose sign is the unit.
    """

    amount: Decimal
    unit: str = ""
    power: int = 0


class Typed(str):
    """A cell that its file stores as a number or a date. The text is how the file shows it, rounding included; `number`
    and `day` are what it is, so nothing is read back from the text. Two such cells are equal when both are.
    """

    __slots__ = ("day", "number")
    number: Printed | None
    day: date | None

    def __new__(cls, text: str, number: Printed | None = None, day: date | None = None) -> Typed:
        made = super().__new__(cls, text)
        made.number, made.day = number, day
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Typed):
            return str.__eq__(self, other) and self.number == other.number and self.day == other.day
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)

    def strip(self, chars: str | None = None, /) -> Typed:
        """Itself: it has no spaces around it, and a plain text would forget what it is."""
        return self
