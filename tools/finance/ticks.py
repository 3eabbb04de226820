"""Axis ticks: round numbers, all in one scale and with the same decimals, in the words of the prose (`£60m`, `12%`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from tools.refusals import ToolError
from tools.units import CURRENCIES, POWERS, Display, show

Json = dict[str, Any]


def nice_ticks(low: float, high: float, most: int = 6) -> list[Decimal]:
    """Round numbers from one below `low` to one above `high`, so that a padded axis is labelled to its ends.

    >>> [int(tick) for tick in nice_ticks(0, 61.9e6)]
    [-20000000, 0, 20000000, 40000000, 60000000, 80000000, 100000000]
    """
    largest = max(abs(low), abs(high))
    flat = high - low <= largest * 1e-9 or largest < 1e-12
    span = (largest if largest >= 1e-12 else 1.0) if flat else high - low
    power = math.floor(math.log10(span / most))
    steps = [Decimal(factor).scaleb(power) for factor in ("1", "2", "2.5", "5", "10")]
    step = next((step for step in steps if span / float(step) <= most), steps[-1])
    first, last = math.floor(low / float(step)) - 1, math.ceil(high / float(step)) + 1
    return [number * step for number in range(first, last + 1)]


def ticks(numbers: Sequence[int | float], unit: str) -> Json:
    """The tick settings of a plotly axis for these numbers; none without numbers."""
    if not numbers:
        return {}
    places = nice_ticks(min(numbers), max(numbers))
    return {
        "tickmode": "array",
        "tickvals": [json_number(place) for place in places],
        "ticktext": list(_words(places, unit)),
    }


def json_number(amount: Decimal) -> int | float:
    """The amount as a number of JSON: an integer where every reader keeps it exactly, else the nearest float.

    Refuses what no float can hold.
    """
    if amount == amount.to_integral_value() and abs(amount) < 2**53:
        return int(amount)
    number = float(amount)
    if not math.isfinite(number):
        raise ToolError("too_large", "a number is too large to draw")
    return number


def _words(places: Sequence[Decimal], unit: str) -> Iterator[str]:
    currency = unit.partition("/")[0]
    worded = currency if currency in CURRENCIES else unit if unit in ("ratio", "multiple") else "count"
    scale = "" if worded in ("ratio", "multiple") else _scale(max(abs(place) for place in places[1:-1] or places))
    power = -2 if worded == "ratio" else POWERS[scale]
    exponent = (places[1] - places[0]).scaleb(-power).normalize().as_tuple().exponent
    decimals = min(6, max(0, -exponent)) if isinstance(exponent, int) else 0
    for place in places:
        display = Display(decimals=decimals, scale=scale) if place else Display(decimals=0, scale="")
        yield show(place, worded, display)


def _scale(largest: Decimal) -> str:
    """Thousands are worded from ten thousand on; below that the digits read better."""
    floors = (("tn", 12), ("bn", 9), ("m", 6), ("k", 4))
    return next((word for word, floor in floors if largest >= Decimal(1).scaleb(floor)), "")
