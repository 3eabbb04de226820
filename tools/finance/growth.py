"""Growth, differences, quotients: the arithmetic between two amounts, and the unit that comes of it.

The rules that keep it honest: growth from a base that is zero, negative or missing is no number at all; two currencies
are never compared; a quotient says what it is a quotient of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

from tools.refusals import ToolError
from tools.units import POINTS, is_money, show

SIGNIFICANT = Context(prec=12, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=400)


def growth_ratio(amount: Decimal, base: Decimal) -> Decimal | None:
    """(amount - base) / base as a ratio, 12 significant digits; None from a base that is zero or negative.

    >>> growth_ratio(Decimal(110), Decimal(100)), growth_ratio(Decimal(5), Decimal(-5))
    (Decimal('0.1'), None)
    """
    return SIGNIFICANT.divide(_EXACT.subtract(amount, base), base) if base > 0 else None


def quotient(amount: Decimal, base: Decimal) -> Decimal | None:
    """amount / base, 12 significant digits; None for a base of zero."""
    return SIGNIFICANT.divide(amount, base) if base else None


def difference(amount: Decimal, base: Decimal) -> Decimal | None:
    """amount - base, exactly. The result is never None; the type is that of its sisters."""
    return _EXACT.subtract(amount, base)


def quotient_unit(unit: str, base: str) -> str:
    """The unit of a quotient. Refuses two currencies, and what has no meaning.

    >>> quotient_unit("GBP", "GBP"), quotient_unit("GBP", "shares"), quotient_unit("GBP", "count")
    ('ratio', 'GBP/share', 'GBP')
    """
    if unit == base:
        return "multiple" if unit in ("ratio", "multiple") or "/" in unit else "ratio"
    if is_money(unit) and base == "shares":
        return f"{unit}/share"
    if is_money(unit) and base == f"{unit}/share":
        return "shares"
    if base in ("count", "days", "multiple", "ratio"):
        return unit
    if unit == "count":
        return "count"
    raise ToolError("mixed_units", f"{unit} cannot be divided by {base}; both must be in one currency")


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, without rounding."""
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def mean(amounts: Sequence[Decimal]) -> Decimal:
    """The average, with four digits more than the most precise of the amounts.

    >>> mean([Decimal("1.5"), Decimal(2), Decimal(2)])
    Decimal('1.83333')
    """
    total = exact_sum(amounts)
    places = max(0, *(-exponent for amount in amounts if isinstance(exponent := amount.as_tuple().exponent, int)))
    return _EXACT.divide(total, Decimal(len(amounts))).quantize(Decimal(1).scaleb(-places - 4), context=_EXACT)


def points(amount: Decimal) -> str:
    """A difference of percentages in percentage points.

    >>> points(Decimal("-0.0123"))
    '−1.2 pp'
    """
    return show(amount, "ratio").removesuffix("%") + POINTS
