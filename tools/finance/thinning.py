"""Fewer points, the same picture: the low and the high of each stretch are kept, and so are both ends and the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal


def kept(series: Sequence[Sequence[Decimal | None]], most: int) -> list[int]:
    """The points to draw, at most `most`: all of them where they are few enough.

    Of each stretch of neighbours every series keeps its lowest and highest point and, where it has one, a gap; the first
    and the last point always stay.

    >>> kept([[Decimal(n) for n in (5, 1, 9, 4, 4, 8, 2, 7)]], 6)
    [0, 1, 2, 5, 6, 7]
    """
    count = len(series[0]) if series else 0
    if count <= most:
        return list(range(count))
    gaps = any(cell is None for cells in series for cell in cells)
    stretches = max(1, (most - 2) // ((3 if gaps else 2) * len(series)))
    chosen = _chosen(series, stretches)
    while stretches < most:  # lows and highs often coincide; then there is room for shorter stretches
        stretches *= 2
        finer = _chosen(series, stretches)
        if len(finer) > most:
            break
        chosen = finer
    return sorted(chosen)


def _chosen(series: Sequence[Sequence[Decimal | None]], stretches: int) -> set[int]:
    count = len(series[0])
    chosen = {0, count - 1}
    for number in range(stretches):
        start, end = count * number // stretches, count * (number + 1) // stretches
        for cells in series:
            chosen.update(_extremes(cells, start, end))
    return chosen


def _extremes(cells: Sequence[Decimal | None], start: int, end: int) -> list[int]:
    filled = [(cell, at) for at in range(start, end) if (cell := cells[at]) is not None]
    gap = next((at for at in range(start, end) if cells[at] is None), None)
    found = [min(filled)[1], max(filled)[1]] if filled else []
    return found if gap is None else [*found, gap]
