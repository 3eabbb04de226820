"""Quantities: an exact amount with its dimensions, and what arithmetic may do to them.

Pounds and pounds add up; pounds and dollars do not, and neither do pounds and a percentage. A dimension is a currency,
a share or a day with its power; ratios, multiples and plain counts have none, and differ only in how they are worded.
A `count` is a number whose unit nobody stated, so it goes along with anything. A `numeral` is one that somebody wrote
into the expression: seven shops by two shops are a ratio, but seven shops by a written 2 are shops. Its 100 is the
hundred of percentages: a number over it is a ratio, and a ratio times it is a `percent`, a plain number again.

Amounts are computed with 50 digits and handed out with 28, half to even; what would grow beyond 10^60 on the way, or
10^40 as a result, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, Underflow

from tools.refusals import ToolError
from tools.units import CURRENCIES, PLAIN_UNITS

WIDE = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
GIVEN_OUT = Context(prec=28, rounding=ROUND_HALF_EVEN)
MOST_MAGNITUDE, MOST_GIVEN_OUT = 60, 40
MOST_EXPONENT = 10_000
_FLAVOURS = ("numeral", "count", "percent", "ratio", "multiple")
_BARE = frozenset({"numeral", "count", "percent"})
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in base units. `dimensions` are powers of currencies, `share` and `day`; `flavour` words what has none.

    `is_gap` marks a difference of two ratios, which is told in percentage points.
    """

    amount: Decimal
    dimensions: Mapping[str, int] = field(default_factory=dict)
    flavour: str = "count"
    is_gap: bool = False

    @staticmethod
    def of(amount: Decimal, unit: str) -> Quantity:
        """The quantity of a value: its amount and its unit, as in `tools.units`."""
        head, per, _ = unit.partition("/")
        if head in CURRENCIES:
            return Quantity(amount, {head: 1, "share": -1} if per else {head: 1})
        if unit in ("shares", "days"):
            return Quantity(amount, {unit[:-1]: 1})
        return Quantity(amount, {}, unit if unit in PLAIN_UNITS else "count")

    @staticmethod
    def numeral(amount: Decimal | int) -> Quantity:
        """A number as written in an expression."""
        return Quantity(Decimal(amount), {}, "numeral")

    @property
    def is_bare(self) -> bool:
        """A plain number, which goes along with anything."""
        return not self.dimensions and self.flavour in _BARE

    @property
    def unit(self) -> str:
        """The unit of a result. Refuses with `mixed_units` what has no name: a currency squared, one over a share."""
        powers = {name: power for name, power in self.dimensions.items() if power}
        if not powers:
            return "count" if self.flavour in _BARE else self.flavour
        money = [name for name in powers if name in CURRENCIES]
        if powers in ({"share": 1}, {"day": 1}):
            return next(iter(powers)) + "s"
        if len(money) == 1 and powers[money[0]] == 1:
            rest = {name: power for name, power in powers.items() if name != money[0]}
            if rest in ({}, {"day": -1}):
                return money[0]
            if rest == {"share": -1}:
                return f"{money[0]}/share"
        raise ToolError(
            "mixed_units", f"the result would be in {said(self)}, which has no meaning; divide or convert first"
        )


def said(quantity: Quantity) -> str:
    """The dimensions in words, for refusals: `GBP`, `USD per share`, `a ratio`."""
    powers = {name: power for name, power in quantity.dimensions.items() if power}
    if not powers:
        return {"ratio": "a ratio", "multiple": "a multiple"}.get(quantity.flavour, "a plain number")
    above = [_raised(name, power) for name, power in powers.items() if power > 0]
    below = [_raised(name, -power) for name, power in powers.items() if power < 0]
    return " × ".join(above or ["1"]) + (f" per {' × '.join(below)}" if below else "")


def _raised(name: str, power: int) -> str:
    word = {"share": "share", "day": "day"}.get(name, name)
    return word if power == 1 else f"{word}^{power}"


def checked(amount: Decimal) -> Decimal:
    """The amount, if it is a number of a size anybody needs. Refuses `out_of_range`."""
    if not amount.is_finite() or (amount and abs(amount.adjusted()) > MOST_MAGNITUDE):
        raise ToolError(
            "out_of_range",
            f"a step of the calculation leaves the range of 10^±{MOST_MAGNITUDE}; check the scale of its operands",
        )
    return amount


def given_out(amount: Decimal) -> Decimal:
    """A result, with the digits that a value has. Refuses `out_of_range` where nobody could read it."""
    if amount and amount.adjusted() > MOST_GIVEN_OUT:
        raise ToolError("out_of_range", f"the result is beyond 10^{MOST_GIVEN_OUT}; check the scale of the operands")
    return GIVEN_OUT.plus(amount)


def add(one: Quantity, other: Quantity, sign: int = 1) -> Quantity:
    """one + other, or one - other for sign -1. Refuses unlike units."""
    like = _alike(one, other, "added to" if sign > 0 else "taken from")
    amount = checked(WIDE.add(one.amount, other.amount if sign > 0 else -other.amount))
    gap = sign < 0 and one.flavour == other.flavour == "ratio" and not one.dimensions
    return Quantity(amount, like.dimensions, like.flavour, gap)


def _alike(one: Quantity, other: Quantity, verb: str) -> Quantity:
    """The quantity whose unit the sum has. A count takes the other's unit."""
    if {one.flavour, other.flavour} == {"percent", "ratio"}:
        raise ToolError("mixed_units", f"a ratio cannot be {verb} one that was multiplied by 100; leave out the 100")
    if one.is_bare and other.is_bare:
        return Quantity(one.amount, {}, _flavour(one, other))
    if dict(one.dimensions) == dict(other.dimensions):
        return other if one.is_bare else one
    if other.is_bare:
        return one
    if one.is_bare:
        return other
    raise ToolError("mixed_units", f"{said(other)} cannot be {verb} {said(one)}; both must be in one unit")


def multiply(one: Quantity, other: Quantity) -> Quantity:
    """one × other; dimensions add up."""
    amount, powers = checked(WIDE.multiply(one.amount, other.amount)), _joined(one, other, 1)
    if powers:
        return Quantity(amount, powers)
    hundredfold = (_is_hundred(one) and other.flavour == "ratio") or (_is_hundred(other) and one.flavour == "ratio")
    return Quantity(amount, {}, "percent" if hundredfold else _flavour(one, other))


def _flavour(one: Quantity, other: Quantity) -> str:
    return max(one.flavour, other.flavour, key=_FLAVOURS.index)


def _is_hundred(one: Quantity) -> bool:
    return one.flavour == "numeral" and one.amount == _HUNDRED


def _joined(one: Quantity, other: Quantity, sign: int) -> dict[str, int]:
    names = dict.fromkeys((*one.dimensions, *other.dimensions))
    powers = {name: one.dimensions.get(name, 0) + sign * other.dimensions.get(name, 0) for name in names}
    return {name: power for name, power in powers.items() if power}


def divide(one: Quantity, other: Quantity) -> Quantity:
    """one / other. Like by like is a ratio; two currencies are refused, and so is a base of zero."""
    if not other.amount:
        raise ToolError(
            "division_by_zero", "the calculation divides by zero; choose another base, or leave this period out"
        )
    money = {name for each in (one, other) for name in each.dimensions if name in CURRENCIES}
    if len(money) > 1:
        raise ToolError("mixed_units", f"{said(one)} cannot be divided by {said(other)}; both must be in one currency")
    amount, powers = checked(WIDE.divide(one.amount, other.amount)), _joined(one, other, -1)
    return Quantity(amount, powers) if powers else Quantity(amount, {}, _quotient(one, other))


def _quotient(one: Quantity, other: Quantity) -> str:
    """The flavour of one / other where no dimension is left."""
    if one.dimensions or one.is_gap:
        return "ratio"
    if other.flavour == "numeral":
        return "ratio" if one.is_bare and _is_hundred(other) else one.flavour
    if one.is_bare:
        return "ratio" if other.is_bare and one.flavour != "numeral" else "count"
    return "multiple" if one.flavour == other.flavour else one.flavour


def negated(one: Quantity) -> Quantity:
    """-one."""
    return Quantity(-one.amount, one.dimensions, one.flavour, one.is_gap)


def raised(one: Quantity, other: Quantity) -> Quantity:
    """one ** other: a plain number above, and a fraction of a power only of what is positive and has no unit."""
    exponent = other.amount
    if other.dimensions:
        raise ToolError("mixed_units", f"an exponent is a plain number, not {said(other)}")
    if abs(exponent) > MOST_EXPONENT:
        raise ToolError(
            "out_of_range", f"an exponent lies between -{MOST_EXPONENT:,} and {MOST_EXPONENT:,}, not {exponent:f}"[:200]
        )
    whole = exponent == exponent.to_integral_value()
    if not whole and (one.dimensions or one.amount < 0):
        what = said(one) if one.dimensions else "a negative number"
        raise ToolError(
            "bad_power", f"only a positive number without unit can be raised to {exponent:f}, not {what}"[:200]
        )
    if not one.amount and exponent < 0:
        raise ToolError("division_by_zero", "zero cannot be raised to a negative power")
    if not one.amount and not exponent:
        return Quantity(Decimal(1), {}, one.flavour)
    try:
        amount = checked(WIDE.power(one.amount, exponent))
    except (Overflow, Underflow, InvalidOperation):
        return Quantity(checked(Decimal("Infinity")))
    powers = {name: power * int(exponent) for name, power in one.dimensions.items() if exponent}
    return Quantity(amount, powers, "count" if one.flavour == "percent" else one.flavour)


def compared(one: Quantity, other: Quantity) -> int:
    """-1, 0 or 1. Refuses unlike units."""
    _alike(one, other, "compared with")
    return int(WIDE.compare(one.amount, other.amount))
