"""Lines without a unit in tables that mix money and shares, told by where the money sign stands.

A filed report prints `$` at the first figure of each run of money and leaves it out for the rest of the run. So in a
column that also holds shares (`shares in Thousands, $ in Millions`), a line whose label says nothing, which stands after a
line of another kind and shows no sign, is no money: `Outstanding on December 31` is a number of options. Where the lines
themselves name their units (`Certified | shares`), one that names none is a plain count. In a table of components
(changes in equity) signs are not set like that; there only what lies between two numbers of shares is shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tools.documents.headings import Frame
from tools.documents.measures import Kind, Measure, names_unit
from tools.documents.stored import Printed


def settle_unsigned(
    measures: Sequence[Measure],
    labels: Sequence[str],
    printed: Mapping[int, Sequence[Printed | None]],
    frame: Frame,
    by_period: bool,
) -> list[Measure]:
    """The measure of each line; those settled here have a kind. `printed`: the numbers of each column. A file that does
    not store how numbers are shown, or shows no sign where it does have money, is left as it is.
    """
    named = any(map(names_unit, labels))
    if not frame.stored or not (named or frame.caption.shares_power is not None):
        return list(measures)
    rows = [[number for cells in printed.values() if (number := cells[row])] for row in range(len(measures))]
    signed = [measure.kind for measure, numbers in zip(measures, rows, strict=True) if _shows_money(numbers)]
    if "" not in signed and not (signed and frame.caption.power is None):
        return list(measures)
    other: Kind = "count" if named else "shares"
    found = _out_of_money(measures, rows) if by_period else _between_shares(measures, rows)
    return [
        replace(measure, kind=other if by_period else "shares") if row in found else measure
        for row, measure in enumerate(measures)
    ]


def _out_of_money(measures: Sequence[Measure], rows: Sequence[Sequence[Printed]]) -> set[int]:
    found: set[int] = set()
    in_money = False
    for row, measure in enumerate(measures):
        if rows[row]:
            in_money = measure.kind in ("", "soft_ratio") and (_shows_money(rows[row]) or in_money)
            if not in_money and _says_nothing(measure, rows[row]):
                found.add(row)
    return found


def _between_shares(measures: Sequence[Measure], rows: Sequence[Sequence[Printed]]) -> set[int]:
    found: set[int] = set()
    waiting: list[int] | None = None
    for row, measure in enumerate(measures):
        if not rows[row]:
            continue
        if measure.kind == "shares":
            found.update(waiting or ())
            waiting = []
        elif waiting is not None:
            waiting = [*waiting, row] if _says_nothing(measure, rows[row]) else None
    return found


def _says_nothing(measure: Measure, numbers: Sequence[Printed]) -> bool:
    return measure.says_nothing and not any(number.unit for number in numbers)


def _shows_money(numbers: Sequence[Printed]) -> bool:
    return any(number.unit and number.unit not in ("ratio", "multiple") for number in numbers)
